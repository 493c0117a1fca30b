#pragma once
// Stand-in for a header of gloo that the wheel of torch leaves out: only what ProcessGroupGloo.hpp must see to parse.
// Declarations only: libtorch_cpu.so carries the real gloo. Nothing here is ever instantiated or called by us;
// ProcessGroupGloo.hpp just needs the names to parse.
#include <chrono>
#include <memory>
namespace gloo {
class Context { public: void setTimeout(std::chrono::milliseconds); };
namespace transport { class UnboundBuffer { public: virtual ~UnboundBuffer(); }; }
}
