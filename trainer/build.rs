//! Compiles the bridge to libtorch's c10d and lets the binaries find libtorch at run time.

fn main() {
    println!("cargo:rerun-if-changed=bridge");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    let Ok(libtorch) = std::env::var("LIBTORCH") else {
        println!("cargo:warning=LIBTORCH is not set: run `make setup`, or point it at an unpacked libtorch 2.13.0");
        std::process::exit(1);
    };
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .define("USE_DISTRIBUTED", None)
        .define("USE_C10D_GLOO", None)
        .define("_GLIBCXX_USE_CXX11_ABI", "1")
        .include("bridge/gloo_stub")
        .include(format!("{libtorch}/include"))
        .include(format!("{libtorch}/include/torch/csrc/api/include"))
        .file("bridge/c10d_bridge.cc")
        .compile("c10d_bridge");
    println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
}
