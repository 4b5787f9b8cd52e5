// For loops over arrays that the compiler turns into vector code: it makes a copy of each marked
// function for the wider registers of newer processors, and the program picks at start-up.
#pragma once

// Under ThreadSanitizer there is one: its runtime is not up yet when the program picks.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define LINGULA_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define LINGULA_CLONES
#endif
// What a marked function calls must become part of each copy.
#define LINGULA_INLINE inline __attribute__((always_inline))
