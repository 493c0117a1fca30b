#pragma once
// Stand-in for a header of gloo that the wheel of torch leaves out: only what ProcessGroupGloo.hpp must see to parse.
#include <chrono>
#include <string>
#include <vector>
namespace gloo { namespace rendezvous {
class Store { public:
  virtual ~Store() = default;
  virtual void set(const std::string&, const std::vector<char>&) = 0;
  virtual std::vector<char> get(const std::string&) = 0;
  virtual void wait(const std::vector<std::string>&) = 0;
  virtual void wait(const std::vector<std::string>&, const std::chrono::milliseconds&) = 0;
};
} }
