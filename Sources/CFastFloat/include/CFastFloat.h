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

/// The bytes that `descent_write_float` and `descent_write_double` need at most.
#define DESCENT_NUMBER_BYTES 32

/// Writes the shortest decimal that reads back as the same float, and returns its length.
///
/// Without an exponent from 0.0001 up to 2^24, and always with a point or an exponent: 5.0 is no integer.
int descent_write_float(float value, char *target);

/// The same for double, without an exponent up to 2^53.
int descent_write_double(double value, char *target);

/// Whether the shortest decimal of the nearest float reads as `value` itself, so that a float keeps all of it.
int descent_is_float(double value);

#ifdef __cplusplus
}
#endif

#endif
