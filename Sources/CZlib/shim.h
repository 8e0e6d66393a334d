#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

/// Starts to inflate gzip data: `inflateInit2` is a macro, which Swift does not see.
static inline int descent_start_gunzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

#endif
