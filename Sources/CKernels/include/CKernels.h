#ifndef C_KERNELS_H
#define C_KERNELS_H

#include "activation.h"
#include "loss.h"
#include "random.h"
#include "reduction.h"
#include "update.h"

#endif
