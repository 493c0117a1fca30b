//! Whom to tell about a fault, in the program's own bytes: the layout of `solana-security-txt`, which explorers read. Every
//! program includes this file.

const TEXT: &str = concat!(
    "=======BEGIN SECURITY.TXT V1=======\0",
    "name\0AIxBlock\0",
    "project_url\0https://aixblock.io\0",
    "contacts\0other:security advisories of the source repository\0",
    "policy\0SECURITY.md of the source repository\0",
    "=======END SECURITY.TXT V1=======\0",
);

/// [`TEXT`] itself rather than a pointer to it, so that its bytes are in the file whatever the linker does with pointers.
#[used]
#[cfg_attr(target_os = "solana", unsafe(link_section = ".rodata.security"))]
static SECURITY_TXT: [u8; TEXT.len()] = bytes(TEXT);

const fn bytes<const N: usize>(text: &str) -> [u8; N] {
    let (text, mut out, mut i) = (text.as_bytes(), [0; N], 0);
    while i < N {
        out[i] = text[i];
        i += 1;
    }
    out
}
