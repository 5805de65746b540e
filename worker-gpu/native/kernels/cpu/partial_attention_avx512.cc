#include "kernels/cpu/partial_attention_tile_impl.h"
