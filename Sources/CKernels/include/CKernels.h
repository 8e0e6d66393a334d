#ifndef C_KERNELS_H
#define C_KERNELS_H

#include "activation.h"
#include "allocation.h"
#include "columns.h"
#include "loss.h"
#include "normalization.h"
#include "pause.h"
#include "peak.h"
#include "prefetch.h"
#include "processors.h"
#include "random.h"
#include "records.h"
#include "reduction.h"
#include "scoring.h"
#include "tile.h"
#include "update.h"

#endif
