#include "CFastFloat.h"

#include <fast_float/fast_float.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

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

template <typename Value>
int write(Value value, char *target) {
    Value magnitude = std::fabs(value);
    // Above, digits would be written that are none of the shortest.
    const Value limit = Value(uint64_t(1) << std::numeric_limits<Value>::digits);
    bool isPlain = magnitude == 0 || (magnitude >= Value(1e-4) && magnitude < limit);
    auto format = isPlain ? std::chars_format::fixed : std::chars_format::scientific;
    char *end = std::to_chars(target, target + DESCENT_NUMBER_BYTES, value, format).ptr;
    if (isPlain) {
        for (const char *next = target; next != end; ++next) {
            if (*next == '.') return int(end - target);
        }
        *end++ = '.';
        *end++ = '0';
    }
    return int(end - target);
}

}  // namespace

int descent_write_float(float value, char *target) { return write(value, target); }

int descent_write_double(double value, char *target) { return write(value, target); }

int descent_is_float(double value) {
    float single = float(value);
    if (double(single) == value) return 1;
    char text[DESCENT_NUMBER_BYTES];
    double read = 0;
    char *end = std::to_chars(text, text + sizeof text, single).ptr;
    fast_float::from_chars(text, end, read);
    return read == value;
}

int descent_parse_float(const char *first, const char *last, char mark, float *value) {
    return parse(first, last, mark, value);
}

int descent_parse_double(const char *first, const char *last, char mark, double *value) {
    return parse(first, last, mark, value);
}
