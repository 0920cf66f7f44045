import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { rupiah } from '../kernel/money.ts';
import { priceOf, tariffOf, taxWithin, type Priced, type Tariff } from './tariff.ts';

const anyRail = fc.constantFrom('bifast' as const, 'onus' as const);
const anyChannel = fc.constantFrom(
  'snap' as const,
  'mobile' as const,
  'console' as const,
  'synthetic' as const,
);

/** Small ranges, so that tariffs meet each other. */
const anyTariffs: fc.Arbitrary<readonly Tariff[]> = fc
  .array(
    fc.record({
      rail: anyRail,
      channel: fc.option(anyChannel, { nil: undefined }),
      amountFromSen: fc.bigInt(0n, 5n),
      width: fc.option(fc.bigInt(1n, 5n), { nil: undefined }),
      feeSen: fc.bigInt(0n, 9n),
      taxBasisPoints: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
      validFromMs: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 12 },
  )
  .map((layers) => [
    ...(['bifast', 'onus'] as const).map((rail) => ({
      rail,
      version: 0,
      channel: undefined,
      amountFromSen: 0n,
      amountToSen: undefined,
      feeSen: 1n,
      taxBasisPoints: undefined,
      validFromMs: 0,
    })),
    ...layers.map(({ width, ...layer }, i) => ({
      ...layer,
      version: i + 1,
      amountToSen: width === undefined ? undefined : layer.amountFromSen + width,
    })),
  ]);

const anyAsked: fc.Arbitrary<Priced> = fc.record({
  rail: anyRail,
  channel: anyChannel,
  amountSen: fc.bigInt(0n, 9n),
  atMs: fc.integer({ min: 0, max: 4 }),
});

test('tariffOf() chooses exactly one, in whatever order the tariffs are read', () => {
  fc.assert(
    fc.property(anyTariffs, anyAsked, fc.infiniteStream(fc.nat()), (tariffs, asked, ranks) => {
      const chosen = tariffOf(tariffs, asked);
      const shuffled = tariffs
        .map((tariff) => ({ tariff, rank: ranks.next().value as number }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ tariff }) => tariff);
      assert.equal(tariffOf(shuffled, asked), chosen);
      assert.equal(chosen.rail, asked.rail);
      assert.ok(chosen.channel === undefined || chosen.channel === asked.channel);
      assert.ok(chosen.validFromMs <= asked.atMs && chosen.amountFromSen <= asked.amountSen);
      assert.ok(chosen.amountToSen === undefined || asked.amountSen < chosen.amountToSen);
    }),
    { numRuns: 1_000 },
  );
});

test('tariffOf() is not moved by a tariff that begins later, whatever it says', () => {
  fc.assert(
    fc.property(anyTariffs, anyTariffs, anyAsked, (tariffs, others, asked) => {
      const later = others.map((one) => ({
        ...one,
        version: one.version + 100,
        validFromMs: asked.atMs + 1 + one.validFromMs,
      }));
      assert.equal(tariffOf([...later, ...tariffs], asked), tariffOf(tariffs, asked));
    }),
  );
});

test("tariffOf() takes the channel's own first, then the one that began last, then the higher version", () => {
  const base: Tariff = {
    rail: 'bifast',
    version: 0,
    channel: undefined,
    amountFromSen: 0n,
    amountToSen: undefined,
    feeSen: 0n,
    taxBasisPoints: undefined,
    validFromMs: 0,
  };
  const own = { ...base, version: 1, channel: 'snap' as const };
  const newer = { ...base, version: 2, validFromMs: 5 };
  const corrected = { ...newer, version: 3 };
  const large = { ...base, version: 4, amountFromSen: 100n, amountToSen: 200n, validFromMs: 6 };
  const all = [base, own, newer, corrected, large];
  const version = (more: Partial<Priced>): number =>
    tariffOf(all, { rail: 'bifast', channel: 'mobile', amountSen: 1n, atMs: 9, ...more }).version;
  assert.equal(version({ channel: 'snap' }), 1);
  assert.equal(version({ atMs: 4 }), 0);
  assert.equal(version({ atMs: 5 }), 3);
  assert.deepEqual(
    [99n, 100n, 199n, 200n].map((amountSen) => version({ amountSen })),
    [3, 4, 4, 3],
  );
});

test('taxWithin() is the rate on the rest of the price, to the nearest sen', () => {
  // PPN 11 %: Rp2.500 = Rp2.252,25 + Rp247,75.
  assert.equal(taxWithin(rupiah(2_500), 1_100), 24_775n);
  assert.equal(taxWithin(rupiah(2_500), 0), 0n);
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 0, max: 10_000 }), (price, rate) => {
      const tax = taxWithin(price, rate);
      const exactTimes = price * BigInt(rate) - tax * (10_000n + BigInt(rate));
      assert.ok(tax >= 0n && tax <= price);
      assert.ok(2n * (exactTimes < 0n ? -exactTimes : exactTimes) <= 10_000n + BigInt(rate));
    }),
  );
});

test('priceOf() has the tax inside the fee', () => {
  fc.assert(
    fc.property(anyTariffs, anyAsked, (tariffs, asked) => {
      const price = priceOf(tariffs, asked);
      assert.equal(price.feeSen as bigint, tariffOf(tariffs, asked).feeSen);
      assert.ok(price.taxSen <= price.feeSen);
    }),
  );
});
