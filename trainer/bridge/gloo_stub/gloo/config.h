#pragma once
// Stand-in for a header of gloo that the wheel of torch leaves out: only what ProcessGroupGloo.hpp must see to parse.
