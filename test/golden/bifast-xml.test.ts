/** Our XML and the simulator's, held against each other over every golden message: neither imports the other. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBusMsg } from '../../sim/hub/bifast-schema.ts';
import { jsonOfXml, xmlOfJson } from '../../sim/hub/xml.ts';
import { parseMessage } from '../../src/rail/bifast/parse.ts';
import { encodeXml } from '../../src/rail/bifast/xml/encode.ts';
import { parseXml } from '../../src/rail/bifast/xml/parse.ts';

const FOLDER = join(import.meta.dirname, 'bifast');
const names = globSync('4.*.json', { cwd: FOLDER }).toSorted();
const bytes = (name: string): Buffer => readFileSync(join(FOLDER, name));

test('the simulator reads our XML as the golden message, in the whole order of its schema', () => {
  for (const name of names) {
    const parsed = parseMessage(bytes(name));
    assert.ok(parsed.ok, name);
    const json = jsonOfXml(encodeXml(parsed.message));
    assert.deepEqual(
      JSON.parse(String(json)),
      JSON.parse(bytes(name).toString()),
      name,
    );
  }
});

test('we read the simulator’s XML as the golden message', () => {
  for (const name of names)
    assert.deepEqual(parseXml(xmlOfJson(bytes(name))), parseMessage(bytes(name)), name);
});

test('the simulator refuses XML in another order, with an element missing, or twice', () => {
  const parsed = parseMessage(bytes('4.1-out-010.json'));
  assert.ok(parsed.ok);
  const xml = encodeXml(parsed.message).toString();
  const json = jsonOfXml(Buffer.from(xml));
  assert.ok(json && readBusMsg(json).ok);
  for (const [from, to] of [
    [/(<DbtrAgt>.*<\/DbtrAgt>)(<CdtrAgt>.*<\/CdtrAgt>)/, '$2$1'],
    [/<Cdtr><Nm>.*?<\/Cdtr>/, ''],
    [/(<ChrgBr>DEBT<\/ChrgBr>)/, '$1$1'],
    [/<BusMsg>/, '<!DOCTYPE x><BusMsg>'],
  ] as const) {
    const bent = xml.replace(from, to);
    assert.notEqual(bent, xml);
    assert.equal(jsonOfXml(Buffer.from(bent)), undefined, String(from));
  }
});
