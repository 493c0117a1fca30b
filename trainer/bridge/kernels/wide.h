// Kernels for processors with AVX-512. They give the bits of those for AVX2, more of them at a time.
#pragma once

namespace canonical {

// Only functions with this are compiled for AVX-512, by attribute and not by a flag: with a flag, the linker could take a
// file's copy of a library's inline function for all of the program, and a processor without AVX-512 would stop there.
#define CANONICAL_WIDE __attribute__((target("avx512f,avx2,fma")))

// Whether they are used: where the processor has AVX-512, unless AIXBLOCK_KERNELS=avx2 does without, to compare.
bool is_wide();

}  // namespace canonical
