#ifndef C_FAST_FLOAT_H
#define C_FAST_FLOAT_H

#ifdef __cplusplus
extern "C" {
#endif

/// Parses the decimal number that fills [first, last) to the nearest float.
///
/// Accepts an optional sign, digits with an optional decimal `mark`, and an optional exponent. Refuses everything else that
/// C's strtof takes: hexadecimal, "inf", "nan", leading or trailing blanks, an empty range. A value beyond the
/// range of a float gives infinity, which the caller refuses with a sentence of its own.
///
/// Returns 1 and stores the value when the whole range is one number, otherwise 0.
int descent_parse_float(const char *first, const char *last, char mark, float *value);

/// The same for double.
int descent_parse_double(const char *first, const char *last, char mark, double *value);

#ifdef __cplusplus
}
#endif

#endif
