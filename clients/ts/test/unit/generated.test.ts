/** What is generated, against the IDL read independently of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Codec, type Decoder, type ReadonlyUint8Array } from '@solana/kit';
import * as client from '../../src/index.js';
import { camel, idls, pascal, sample } from '../support/idl.js';

/** What a program's module exports, by name. */
const moduleOf = (name: string) => (client as unknown as Record<string, Record<string, unknown>>)[name] ?? {};
const upper = (name: string) =>
    camel(name)
        .replace(/[A-Z]/g, (letter) => `_${letter}`)
        .toUpperCase();
const concat = (...parts: ArrayLike<number>[]) => new Uint8Array(parts.flatMap((part) => Array.from(part)));
const plain = (value: unknown): unknown =>
    value instanceof Uint8Array
        ? Array.from(value)
        : Array.isArray(value)
          ? value.map(plain)
          : value && typeof value === 'object'
            ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)]))
            : value;
/** As Anchor derives it. */
const discriminator = (space: string, name: string) =>
    createHash('sha256').update(`${space}:${name}`).digest().subarray(0, 8);
const TAG = createHash('sha256').update('anchor:event').digest().subarray(0, 8).reverse();

test('every IDL has its program, at its address', () => {
    assert.deepEqual(
        client.PROGRAMS.map(({ name, address }) => [name, address]),
        idls.map((idl) => [idl.metadata.name, idl.address]),
    );
});

for (const idl of idls) {
    const { name } = idl.metadata;
    const module = moduleOf(name);
    const decoderOf = (type: string) => {
        const decoder = module[`get${type}Decoder`];
        assert.ok(decoder, `get${type}Decoder is exported`);
        return (decoder as () => Decoder<Record<string, unknown>>)();
    };

    test(`${name}: every instruction is its discriminator and its arguments, packed`, () => {
        for (const instruction of idl.instructions) {
            const type = pascal(instruction.name);
            const args = {
                ...idl,
                types: [...idl.types, { name: '_', type: { kind: 'struct' as const, fields: instruction.args } }],
            };
            const { bytes, values } = sample(args, '_');
            const codec = (module[`get${type}InstructionDataCodec`] as () => Codec<Record<string, unknown>>)();
            const expected = concat(discriminator('global', instruction.name), bytes);
            assert.deepEqual(plain(codec.encode(values)), plain(expected), instruction.name);
            assert.ok(module[`get${type}Instruction`], `get${type}Instruction is exported`);
        }
    });

    test(`${name}: every account decodes to its fields, packed and without padding`, () => {
        for (const account of idl.accounts) {
            const { bytes, values } = sample(idl, account.name);
            const whole = concat(discriminator('account', account.name), bytes);
            assert.deepEqual(plain(decoderOf(account.name).decode(whole)), plain(values), account.name);
            assert.equal((module[`get${account.name}Size`] as () => number)(), whole.length, account.name);
            assert.deepEqual(plain(discriminator('account', account.name)), account.discriminator);
        }
    });

    test(`${name}: no account decodes from another account's bytes, nor from fewer`, () => {
        for (const account of idl.accounts) {
            const { bytes } = sample(idl, account.name);
            const whole = concat(account.discriminator, bytes);
            assert.throws(
                () => decoderOf(account.name).decode(concat(discriminator('account', 'Other'), bytes)),
                account.name,
            );
            assert.throws(() => decoderOf(account.name).decode(whole.subarray(0, -1)), account.name);
            assert.throws(() => decoderOf(account.name).decode(new Uint8Array()), account.name);
        }
    });

    test(`${name}: every event decodes from the data of its instruction, and from nothing else`, () => {
        const decode = module[`decode${pascal(name)}Event`] as (
            data: ReadonlyUint8Array,
        ) => { name: string; data: unknown } | undefined;
        for (const event of idl.events) {
            const { bytes, values } = sample(idl, event.name);
            const data = concat(TAG, discriminator('event', event.name), bytes);
            assert.deepEqual(plain(decode(data)), { name: event.name, data: plain(values) });
            assert.throws(() => decode(concat(data, [0])), /1 bytes too many/);
            assert.throws(() => decode(data.subarray(0, -1)), event.name);
            assert.equal(decode(data.subarray(8)), undefined);
        }
        assert.throws(() => decode(concat(TAG, discriminator('event', 'Other'))), /does not know/);
    });

    test(`${name}: every error has its name, code and message`, () => {
        const table = module[`${upper(name)}_ERRORS`] as Record<number, { name: string; message: string }>;
        assert.deepEqual(
            table,
            Object.fromEntries(idl.errors.map((error) => [error.code, { name: error.name, message: error.msg }])),
        );
        for (const error of idl.errors)
            assert.equal(module[`${upper(name)}_ERROR__${upper(error.name)}`], error.code, error.name);
    });

    test(`${name}: every constant has its value`, () => {
        for (const constant of idl.constants)
            assert.equal(String(module[constant.name]), constant.value, constant.name);
    });
}
