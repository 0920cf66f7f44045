import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  consistencyRanges,
  EMPTY_ROOT,
  inclusionRanges,
  leafHash,
  merkleRoot,
  proofOf,
  verifyConsistency,
  verifyInclusion,
  type LeafRange,
} from './merkle.ts';

// The reference tree and roots of the Certificate Transparency test suite (RFC 6962 implementations).
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => leafHash(Buffer.from(hex, 'hex')));
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const rangeRootOf = (leaves: readonly Uint8Array[]) => (range: LeafRange) =>
  Promise.resolve(merkleRoot(leaves.slice(Number(range.from), Number(range.to))));
const someLeaves = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => leafHash(`leaf ${i}`));

test('merkleRoot() gives the published roots of RFC 6962', () => {
  assert.equal(
    merkleRoot([]).toString('hex'),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  ROOTS.forEach((root, i) =>
    assert.equal(merkleRoot(LEAVES.slice(0, i + 1)).toString('hex'), root),
  );
});

test('verifyInclusion() accepts the proof of every leaf and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.nat(),
      fc.nat(),
      async (count, pick, wrong) => {
        const leaves = someLeaves(count);
        const index = BigInt(pick % count);
        const size = BigInt(count);
        const root = merkleRoot(leaves);
        const proof = await proofOf(inclusionRanges({ index, size }), rangeRootOf(leaves));
        const claim = { leaf: leaves[Number(index)]!, index, size, root, proof };
        assert(verifyInclusion(claim));
        assert(!verifyInclusion({ ...claim, leaf: leafHash('another') }));
        assert(!verifyInclusion({ ...claim, root: leafHash('another') }));
        assert(!verifyInclusion({ ...claim, proof: [...proof, EMPTY_ROOT] }));
        if (count > 1) {
          assert(!verifyInclusion({ ...claim, index: (index + 1n) % size }));
          assert(!verifyInclusion({ ...claim, proof: proof.slice(1) }));
          assert(
            !verifyInclusion({
              ...claim,
              proof: proof.map((hash, i) => (i === wrong % proof.length ? EMPTY_ROOT : hash)),
            }),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('verifyConsistency() accepts an appended tree and refuses a rewritten one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 70 }),
      fc.nat(70),
      fc.nat(),
      async (count, pick, wrong) => {
        const leaves = someLeaves(count);
        const older = BigInt(Math.min(pick, count));
        const newer = BigInt(count);
        const proof = await proofOf(consistencyRanges({ older, newer }), rangeRootOf(leaves));
        const olderRoot = merkleRoot(leaves.slice(0, Number(older)));
        const newerRoot = merkleRoot(leaves);
        const claim = { older, newer, olderRoot, newerRoot, proof };
        assert(verifyConsistency(claim));
        assert(!verifyConsistency({ ...claim, olderRoot: leafHash('another') }));
        if (older > 0n && older < newer) {
          assert(!verifyConsistency({ ...claim, newerRoot: leafHash('another') }));
          const rewritten = leaves.map((leaf, i) =>
            i === wrong % Number(older) ? leafHash('rewritten') : leaf,
          );
          const forged = await proofOf(consistencyRanges({ older, newer }), rangeRootOf(rewritten));
          assert(!verifyConsistency({ ...claim, newerRoot: merkleRoot(rewritten), proof: forged }));
        }
      },
    ),
    { numRuns: 300 },
  );
});
