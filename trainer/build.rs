//! Compiles the bridge to libtorch's c10d and the canonical kernels, and lets the binaries find libtorch at run time.

fn main() {
    println!("cargo:rerun-if-changed=bridge");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Ok(libtorch) = std::env::var("LIBTORCH") else {
        println!("cargo:warning=LIBTORCH is not set: run `make setup`, or point it at an unpacked libtorch 2.13.0");
        std::process::exit(1);
    };
    let bridge = ["c10d_bridge", "group", "reducers", "script_module"].map(|name| format!("bridge/{name}.cc"));
    let backend =
        ["backend", "connect", "exchange", "mesh", "tree_reduction"].map(|name| format!("bridge/canonical/{name}.cc"));
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .warnings(false)
        .flag("-ffp-contract=off")
        .define("USE_DISTRIBUTED", None)
        .define("USE_C10D_GLOO", None)
        .define("_GLIBCXX_USE_CXX11_ABI", "1")
        .include("bridge/gloo_stub")
        .include(format!("{libtorch}/include"))
        .include(format!("{libtorch}/include/torch/csrc/api/include"))
        .files(bridge)
        .files(backend)
        .compile("c10d_bridge");
    // the same bits in every build: always optimised, and no multiplication and addition joined but where the source says so
    let flags = ["-mavx2", "-mfma", "-ffp-contract=off", "-fno-math-errno", "-fopenmp"];
    let sources = [
        "activation_operators",
        "convolution_operators",
        "elementwise",
        "elementwise_operators",
        "gemm",
        "matrix_operators",
        "packing",
        "register",
        "softmax_operators",
    ];
    let mut kernels = cc::Build::new();
    kernels
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .warnings(false)
        .include(format!("{libtorch}/include"))
        .include(format!("{libtorch}/include/torch/csrc/api/include"))
        .files(sources.map(|name| format!("bridge/kernels/{name}.cc")));
    flags.iter().for_each(|flag| {
        kernels.flag(flag);
    });
    kernels.compile("canonical_kernels");
    println!("cargo:rustc-link-lib=dylib=gomp");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
}
