/** Reads the programs' IDL and writes values in its layout, independently of the generated code. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type Address, getAddressDecoder } from '@solana/kit';

type Type = string | { array: [Type, number] } | { defined: { name: string } } | { option: Type } | { vec: Type };
type Field = { name: string; type: Type };
type Named = { name: string; discriminator: number[] };
export type Idl = {
    address: Address;
    metadata: { name: string };
    instructions: (Named & { args: Field[]; accounts: { name: string }[] })[];
    accounts: Named[];
    events: Named[];
    errors: { code: number; name: string; msg: string }[];
    types: {
        name: string;
        type:
            | { kind: 'struct'; fields: Field[] }
            | { kind: 'type'; alias: Type }
            | { kind: 'enum'; variants: { name: string; fields?: unknown }[] };
    }[];
    constants: { name: string; type: string; value: string }[];
};

// build/test/support is where this runs
export const repository = path.resolve(import.meta.dirname, '../../../../..');
const folder = path.join(repository, 'idl');

/** An IDL leaves out what its program does not have. */
const empty = { accounts: [], events: [], errors: [], types: [], constants: [] };

export const idls: Idl[] = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ ...empty, ...JSON.parse(readFileSync(path.join(folder, file), 'utf8')) }) as Idl);

/** `order_state` as generated code has it: `orderState`. */
export const camel = (name: string) =>
    name
        .replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
        .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
export const pascal = (name: string) => camel(name).replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** Bytes of the structure `name`, packed and little-endian with a different value in each field, and those values. */
export function sample(idl: Idl, name: string): { bytes: Uint8Array; values: Record<string, unknown> } {
    const bytes: number[] = [];
    let next = 0;
    const write = (type: Type): unknown => {
        if (type === 'bool') {
            bytes.push(1);
            return true;
        }
        if (type === 'pubkey') {
            const key = new Uint8Array(32).fill(++next & 0xff);
            bytes.push(...key);
            return getAddressDecoder().decode(key);
        }
        const number = typeof type === 'string' ? /^([ui])(8|16|32|64|128)$/.exec(type) : null;
        if (number) {
            const size = Number(number[2]) / 8;
            // a value with another byte in each place, negative where it can be
            let value = 0n;
            for (let place = 0; place < size; place += 1)
                value |= BigInt((++next * 7 + 129) & 0xff) << BigInt(8 * place);
            for (let place = 0; place < size; place += 1) bytes.push(Number((value >> BigInt(8 * place)) & 0xffn));
            const signed = number[1] === 'i' ? BigInt.asIntN(8 * size, value) : value;
            return size > 4 ? signed : Number(signed);
        }
        if (typeof type === 'object' && 'array' in type) {
            const [element, length] = type.array;
            const values = Array.from({ length }, () => write(element));
            return element === 'u8' ? new Uint8Array(values as number[]) : values;
        }
        if (typeof type === 'object' && 'defined' in type) return structure(type.defined.name);
        if (type === 'bytes' || type === 'string') {
            bytes.push(3, 0, 0, 0, 97, 98, 99);
            return type === 'string' ? 'abc' : new Uint8Array([97, 98, 99]);
        }
        if (typeof type === 'object' && 'vec' in type) {
            bytes.push(2, 0, 0, 0);
            const values = [write(type.vec), write(type.vec)];
            return type.vec === 'u8' ? new Uint8Array(values as number[]) : values;
        }
        if (typeof type === 'object' && 'option' in type) {
            bytes.push(1);
            return { __option: 'Some', value: write(type.option) };
        }
        throw new Error(`teach test/support/idl.ts the type ${JSON.stringify(type)}`);
    };
    const structure = (of: string): unknown => {
        const definition = idl.types.find((type) => type.name === of)?.type;
        if (!definition) throw new Error(`${of} is not in the IDL of ${idl.metadata.name}`);
        if (definition.kind === 'type') return write(definition.alias);
        if (definition.kind === 'enum') {
            const last = definition.variants.length - 1;
            if (definition.variants[last]?.fields)
                throw new Error(`teach test/support/idl.ts the fields of the enum ${of}`);
            bytes.push(last);
            return last;
        }
        return Object.fromEntries(definition.fields.map((field) => [camel(field.name), write(field.type)]));
    };
    const values = structure(name) as Record<string, unknown>;
    return { bytes: new Uint8Array(bytes), values };
}
