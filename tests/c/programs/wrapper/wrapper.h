// What the two translation units of this program share. The wrapper comes first, and twice: it needs
// nothing before it.
#include <corsac.hpp>
#include <corsac.hpp>

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                       \
        }                                                                       \
    } while (0)

constexpr std::string_view app = "https://app.example.com";
constexpr std::string_view document =
    "version = 1\n"
    "[policy.api]\nallow_origins = [\"https://app.example.com\", \"https://*.pages.example.com\"]\n"
    "allow_methods = [\"PUT\"]\nallow_headers = [\"x-a\", \"x-b\"]\nallow_credentials = true\n"
    "timing_allow_origin = [\"*\"]\nallow_private_network = true\n"
    "[policy.open]\nallow_origins = [\"*\"]\nupstream = \"keep\"\n"
    "[[route]]\nhost = \"api.example.com\"\npath = \"/v1\"\npolicy = \"api\"\n"
    "[[route]]\nhost = \"api.example.com\"\npath = \"/v2\"\npolicy = \"open\"\n";

// In two.cpp.
void handles_can_be_moved();
void copies_outlive_their_reader();
corsac::Engine an_engine();
