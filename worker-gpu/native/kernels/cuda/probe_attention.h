#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/paged_kv.h"
#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// Attention of query rows to the keys before them, added to the masses of these keys, as
// ProbeAttention of kernels/probe_attention.h does. Scores of 16-bit KV come from tensor cores with
// fp32 sums. Masses are equal bit for bit in every run on one device.
struct ProbeAttentionParams {
  // Query rows are the last `query_count` rows of a sequence. Their keys are [0, key_end). A
  // sequence with fewer rows adds nothing.
  struct Probe {
    float* mass;  // [num_kv_heads][mass_stride]
    int64_t mass_stride;
    int sequence;  // of the step
    int key_end, query_count;
    int first_query;  // query rows of preceding probes
    float weight;     // of one query row and head
  };

  const void* q;               // [rows, num_heads * head_size], rotated
  const int64_t* positions;    // [rows], ascending within a sequence
  const int64_t* row_offsets;  // [sequences + 1]
  PagedKv kv;
  const BlockTable* block_tables;  // [num_sequences], on the host
  const Probe* probes;             // [num_probes], on the host
  StepTables* tables;              // of the stream
  int num_sequences, num_probes;
  int num_heads;
  int64_t window;  // 0: none
  float scale;
  float soft_cap;   // as in PartialAttentionParams; 0: none
  void* workspace;  // ProbeAttentionWorkspaceBytes of the other fields, 8-byte aligned
};

int64_t ProbeAttentionWorkspaceBytes(const ProbeAttentionParams& params);

// Enqueues; throws CudaError.
void ProbeAttention(const ProbeAttentionParams& params, cudaStream_t stream);

// Reference implementation: fp32 arithmetic for all types. Also the fp32 kernel.
void ProbeAttentionReference(const ProbeAttentionParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
