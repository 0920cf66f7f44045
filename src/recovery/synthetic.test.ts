import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticWay } from './synthetic.ts';

test('syntheticWay() sends over the rail that comes back (T11), and nothing where a transfer would prove nothing', () => {
  assert.equal(syntheticWay({ rail: 'bifast', direction: 'out' }), 'bifast');
  assert.equal(syntheticWay({ rail: 'switch', direction: 'out' }), 'switch');
  assert.equal(syntheticWay({ rail: 'switch', direction: 'in', product: 'cash' }), undefined);
  assert.equal(syntheticWay({ rail: 'qris', direction: 'out' }), undefined);
  assert.equal(syntheticWay({ rail: 'biller', product: 'pln' }), undefined);
  assert.equal(syntheticWay({}), 'bifast');
});
