import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setOddParity } from './cipher.ts';
import { checkValueOf, cmac, retailMac } from './mac.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const upper = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();

test('retailMac() gives the values of ISO 9797-1 annex B for algorithm 3', () => {
  const key = hex('0123456789ABCDEF FEDCBA9876543210');
  const [first, second] = ['Now is the time for all ', 'Now is the time for it'].map((text) =>
    Buffer.from(text, 'ascii'),
  );
  assert.equal(upper(retailMac(key, first!, 1)), 'A1C72E74EA3FA9B6');
  assert.equal(upper(retailMac(key, second!, 1)), '2E2B1428CC78254F');
  assert.equal(upper(retailMac(key, first!, 2)), 'E9086230CA3BE796');
  assert.equal(upper(retailMac(key, second!, 2)), '5A692CE64F404145');
});

test('retailMac() gives what another implementation gives for both paddings', () => {
  const key = Buffer.concat([Buffer.alloc(8, 'A'), Buffer.alloc(8, 'B')]);
  const data = Buffer.from('hello world', 'ascii');
  assert.equal(upper(retailMac(key, data, 1)), '3DDE5C5511661CBF');
  assert.equal(upper(retailMac(key, data, 2)), 'E16941032C3BC7D4');
});

test('cmac() gives the values of RFC 4493 section 4 and of SP 800-38B for 256 bits', () => {
  const message = hex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );
  const short = hex('2b7e151628aed2a6abf7158809cf4f3c');
  const long = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
  for (const [key, bytes, mac] of [
    [short, 0, 'BB1D6929E95937287FA37D129B756746'],
    [short, 16, '070A16B46B4D4144F79BDD9DD04A287C'],
    [short, 40, 'DFA66747DE9AE63030CA32611497C827'],
    [short, 64, '51F0BEBF7E3B9D92FC49741779363CFE'],
    [long, 0, '028962F61B7BF89EFC6B551F4667D983'],
    [long, 40, 'AAF3D8F1DE5640C232F5B169B9C911E6'],
    [long, 64, 'E1992190549F6ED5696A2C056C315410'],
  ] as const)
    assert.equal(upper(cmac(key, message.subarray(0, bytes))), mac);
});

test('checkValueOf() gives what payment HSMs show, whatever the parity bits say', () => {
  for (const [key, value] of [
    ['B5199D109D46E6914AB96D6E7F7CDAA8', 'F0916F'],
    ['AE9232A20276E0D03B16EC4C2C01CBC7', 'FB599F'],
    ['4CA2161637D0133E5E151AEA45DA2A12', '7B0898'],
    ['0123456789ABCDEFFEDCBA9876543210', '08D7B4'],
  ] as const) {
    assert.equal(checkValueOf('T', hex(key)), value);
    assert.equal(checkValueOf('T', setOddParity(hex(key))), value);
  }
});

test('setOddParity() mends every byte, not only the first', () => {
  const mended = setOddParity(hex('80EFEC4895855B06B4015041C3F9F61F'));
  assert.equal(upper(mended), '80EFEC4994855B07B5015140C2F8F71F');
});
