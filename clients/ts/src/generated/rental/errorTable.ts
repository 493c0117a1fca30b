// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const RENTAL_ERRORS = {
    6000: {
        name: 'Paused',
        message: "new rentals are paused with the market's orders: try again when its administrator resumes them",
    },
    6001: { name: 'ListingInactive', message: 'the listing is inactive: choose another or ask its seller' },
    6002: { name: 'NotByTheHour', message: 'the listing is not sold by the hour: order it on the market' },
    6003: {
        name: 'ListingChanged',
        message: 'the listing changed since the renter looked: read it again and rent its new version',
    },
    6004: { name: 'MintNotAllowed', message: "the mint is not allowed: use one from the market's config" },
    6005: { name: 'SelfRental', message: 'the provider may not rent from itself' },
    6006: { name: 'NoHours', message: 'the number of hours must be positive' },
    6007: {
        name: 'PriceAboveLimit',
        message: "the total price is above the renter's limit: raise max_total or take fewer hours",
    },
    6008: { name: 'NotRenter', message: "only the rental's renter may do this: sign with the renter's key" },
    6009: { name: 'NotProvider', message: "only the rental's provider may do this: sign with the provider's key" },
    6010: {
        name: 'NotAParty',
        message:
            'only the renter and the provider may stop a rental before its end: sign with one of their keys, or wait',
    },
    6011: { name: 'WrongState', message: 'the rental is not in a state that allows this: read it again' },
    6012: { name: 'DeadlinePassed', message: 'the time to start is over: cancel the rental and open another' },
    6013: {
        name: 'DeadlineNotPassed',
        message: 'the provider can still start: wait for the deadline, or let the renter cancel',
    },
    6014: { name: 'RentalOver', message: 'the last hour is over: stop the rental and open another' },
    6015: { name: 'NothingEarned', message: 'no further base unit was earned since the last withdrawal: wait' },
    6016: {
        name: 'WrongTokenAccount',
        message: "wrong token account: it must be of the rental's mint and belong to the party that is paid",
    },
    6017: { name: 'WrongRentPayer', message: "not the account that paid the rent: pass the rental's rent payer" },
    6018: { name: 'VaultShort', message: 'the vault holds less than its rental: stop and report this' },
    6019: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
    6020: {
        name: 'MintTakesFees',
        message: 'the mint takes a fee from transfers: use a mint without the transfer-fee extension',
    },
    6021: {
        name: 'MintHasHook',
        message: 'transfers of the mint run another program: use a mint without the transfer-hook extension',
    },
    6022: {
        name: 'MintHasDelegate',
        message: "somebody can move the mint's tokens out of any account: use a mint without a permanent delegate",
    },
    6023: {
        name: 'MintExtensionRefused',
        message: 'the mint has an extension that is not on the allow-list (docs: tokens): use another mint',
    },
} as const satisfies Record<number, { name: string; message: string }>;
