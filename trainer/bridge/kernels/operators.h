// The classes of operators (register.h), by name without overload and without the underscore of an operator in place.
#pragma once
#include <set>
#include <string>

namespace canonical {

extern const std::set<std::string> OWN;
extern const std::set<std::string> SERIAL;
extern const std::set<std::string> LIBTORCHS;

}  // namespace canonical
