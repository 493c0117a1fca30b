import { type Address, type Instruction, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM, isSolanaError } from '@solana/kit';
import { PROGRAMS } from './generated/index.js';

/** A program of the platform. */
export type ProgramName = (typeof PROGRAMS)[number]['name'];

/** What the programs' framework refuses by itself, under the same codes in every program. */
export const FRAMEWORK_ERRORS: Readonly<Record<number, { name: string; message: string }>> = {
    2000: { name: 'ConstraintMut', message: 'an account must be writable: mark it so' },
    2001: {
        name: 'ConstraintHasOne',
        message: 'an account does not belong to the one that names it: check the addresses',
    },
    2003: { name: 'ConstraintRaw', message: 'an account breaks a condition of the instruction: check the addresses' },
    2005: { name: 'ConstraintRentExempt', message: 'an account holds less than its rent: fund it' },
    2007: { name: 'ConstraintExecutable', message: 'an account must be a program: check the addresses' },
    2011: { name: 'ConstraintClose', message: 'an account cannot be closed into itself: name another receiver' },
    2012: { name: 'ConstraintAddress', message: 'an account is not the one that is expected: check the addresses' },
    2013: { name: 'ConstraintZero', message: 'an account is already in use: choose another' },
    2019: {
        name: 'ConstraintSpace',
        message: 'an account has another size than expected: are program and client of one version?',
    },
    2020: { name: 'ConstraintAccountIsNone', message: 'an account is missing that is needed here: pass it' },
    2040: {
        name: 'ConstraintDuplicateMutableAccount',
        message: 'the same writable account was passed twice: pass different ones',
    },
    2500: { name: 'RequireViolated', message: 'a condition of the program does not hold' },
    2501: { name: 'RequireEqViolated', message: 'two values that must be equal differ' },
    2502: { name: 'RequireKeysEqViolated', message: 'two addresses that must be equal differ' },
    2503: { name: 'RequireNeqViolated', message: 'two values that must differ are equal' },
    2504: { name: 'RequireKeysNeqViolated', message: 'two addresses that must differ are equal' },
    2505: { name: 'RequireGtViolated', message: 'a value is not above its bound' },
    2506: { name: 'RequireGteViolated', message: 'a value is below its bound' },
};

/** A refusal by one of the platform's programs. Its message says what to do. */
export class ProgramError extends Error {
    override readonly name = 'ProgramError';

    constructor(
        /** The program that refused. */
        readonly program: ProgramName,
        /** The code that it returned: one of its `<PROGRAM>_ERROR__*` constants, or of `FRAMEWORK_ERRORS`. */
        readonly code: number,
        /** The code's name, such as `EpochNotFinal`. */
        readonly errorName: string,
        text: string,
        cause?: unknown,
    ) {
        super(`${program}: ${errorName} (${code}): ${text}`, { cause });
    }
}

/**
 * The refusal that made a transaction of these instructions fail, in the words of the program that refused.
 * Nothing where the failure is another one: no connection, a lack of lamports, an error of another program.
 */
export function toProgramError(
    error: unknown,
    instructions: readonly Instruction[],
    /** What the transaction logged; read from `error` where absent, as a node that refuses to send puts it there. */
    logs: readonly string[] = logsOf(error),
): ProgramError | undefined {
    const refusal = causes(error).find((cause) => isSolanaError(cause, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM));
    if (!isSolanaError(refusal, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM)) return undefined;
    const { code, index } = refusal.context;
    const address = innermostFailed(logs) ?? instructions[index]?.programAddress;
    const program = PROGRAMS.find((known) => known.address === address);
    if (!program) return undefined;
    const errors: Readonly<Record<number, { name: string; message: string }>> = program.errors;
    const known = errors[code] ?? FRAMEWORK_ERRORS[code];
    const { name, message } = known ?? {
        name: 'Unknown',
        message: 'a code that this client does not know: use one of the deployed version',
    };
    return new ProgramError(program.name, code, name, message, error);
}

/** An error and what caused it, outermost first. */
function causes(error: unknown): unknown[] {
    const found: unknown[] = [];
    for (let next = error; next instanceof Error && !found.includes(next); next = next.cause) found.push(next);
    return found;
}

function logsOf(error: unknown): readonly string[] {
    for (const cause of causes(error)) {
        const logs = (cause as { context?: { logs?: unknown } }).context?.logs;
        if (Array.isArray(logs)) return logs;
    }
    return [];
}

/** The program of the first line `Program <address> failed: ...`: of nested calls the innermost fails first. */
function innermostFailed(logs: readonly string[]): Address | undefined {
    for (const line of logs) {
        const failed = /^Program (\w+) failed: /.exec(line);
        if (failed) return failed[1] as Address;
    }
    return undefined;
}
