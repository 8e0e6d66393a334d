#include "CFastFloat.h"

#include <fast_float/fast_float.h>

namespace {

template <typename Value>
int parse(const char *first, const char *last, char mark, Value *value) {
    // from_chars takes no leading plus sign, and takes "inf" and "nan": both the opposite of what tables need.
    if (first != last && *first == '+') {
        ++first;
        if (first != last && *first == '-') return 0;
    }
    const char *digits = first;
    if (digits != last && *digits == '-') ++digits;
    if (digits == last || !((*digits >= '0' && *digits <= '9') || *digits == mark)) return 0;
    auto result = fast_float::from_chars_advanced(
        first, last, *value, fast_float::parse_options(fast_float::chars_format::general, mark));
    return result.ptr == last && (result.ec == std::errc() || result.ec == std::errc::result_out_of_range);
}

}  // namespace

int descent_parse_float(const char *first, const char *last, char mark, float *value) {
    return parse(first, last, mark, value);
}

int descent_parse_double(const char *first, const char *last, char mark, double *value) {
    return parse(first, last, mark, value);
}
