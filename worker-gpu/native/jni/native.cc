// Native methods of ai.cacheblend.worker.kv.Native: each looks up handles and makes one call into
// pool/.

#include <jni.h>

#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/cpu/isa.h"
#include "kernels/kv_view.h"
#include "pool/chunk_load.h"
#include "pool/device.h"
#include "pool/errors.h"
#include "pool/handles.h"
#include "pool/kv_pool.h"
#include "pool/kv_sequence.h"
#include "pool/step_tokens.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"
#include "pool/to_float.h"

#define NATIVE(result, name) \
  extern "C" JNIEXPORT result JNICALL Java_ai_cacheblend_worker_kv_Native_##name

namespace cacheblend {
namespace {

void Throw(JNIEnv* env, const char* exception, const char* message) {
  const jclass type = env->FindClass(exception);
  if (type != nullptr) env->ThrowNew(type, message);
}

// Turns a C++ exception into a Java one; Java never sees the result then.
template <typename Body>
auto Guarded(JNIEnv* env, const Body& body) noexcept -> decltype(body()) {
  using Result = decltype(body());
  try {
    return body();
  } catch (const KvExhausted& e) {
    Throw(env, "ai/cacheblend/worker/kv/KvExhaustedException", e.what());
  } catch (const std::bad_alloc&) {
    Throw(env, "ai/cacheblend/worker/kv/KvExhaustedException",
          "the host has no memory for the KV pool's tables");
  } catch (const std::invalid_argument& e) {
    Throw(env, "java/lang/IllegalArgumentException", e.what());
  } catch (const std::exception& e) {
    Throw(env, "java/lang/IllegalStateException", e.what());
  }
  return Result();
}

// Element types as numbered by ai.cacheblend.worker.kv.KvStorage.
KvStorage Storage(jint cuda_device, jint element_type) {
  if (element_type < 0 || element_type > 2) {
    throw std::invalid_argument(
        Text("element type is ", element_type, ", must be 0 (fp32), 1 (fp16) or 2 (bf16)"));
  }
  return {cuda_device, static_cast<ElementType>(element_type)};
}

// Encodings as numbered by ai.cacheblend.worker.kv.KvEncoding.
KvEncoding Encoding(jint encoding) {
  if (encoding < 0 || encoding > 2) {
    throw std::invalid_argument(
        Text("encoding is ", encoding, ", must be 0 (native), 1 (fp8) or 2 (int8)"));
  }
  return static_cast<KvEncoding>(encoding);
}

// Keys of blocks, one after the other.
std::vector<BlockKey> Keys(JNIEnv* env, jbyteArray bytes) {
  std::vector<BlockKey> keys(env->GetArrayLength(bytes) / sizeof(BlockKey));
  if (keys.size() * sizeof(BlockKey) != static_cast<size_t>(env->GetArrayLength(bytes))) {
    throw std::invalid_argument(
        Text(env->GetArrayLength(bytes), " bytes are not keys of ", sizeof(BlockKey), " bytes"));
  }
  env->GetByteArrayRegion(bytes, 0, env->GetArrayLength(bytes),
                          reinterpret_cast<jbyte*>(keys.data()));
  return keys;
}

std::vector<int64_t> Longs(JNIEnv* env, jlongArray array) {
  std::vector<int64_t> longs(env->GetArrayLength(array));
  static_assert(sizeof(int64_t) == sizeof(jlong));
  env->GetLongArrayRegion(array, 0, longs.size(), reinterpret_cast<jlong*>(longs.data()));
  return longs;
}

// Bytes [offset, offset + byte_count) of host memory.
std::byte* HostBytes(const Buffer& memory, int64_t offset, int64_t byte_count) {
  if (offset < 0 || byte_count < 0 || offset > memory.byte_count() - byte_count) {
    throw std::invalid_argument(Text(byte_count, " bytes at offset ", offset,
                                     " exceed the host memory of ", memory.byte_count(), " bytes"));
  }
  return static_cast<std::byte*>(memory.data()) + offset;
}

void SetLongs(JNIEnv* env, jlongArray result, const std::vector<jlong>& longs) {
  env->SetLongArrayRegion(result, 0, longs.size(), longs.data());
}

void SetFloats(JNIEnv* env, jfloatArray result, const std::vector<float>& floats) {
  env->SetFloatArrayRegion(result, 0, floats.size(), floats.data());
}

}  // namespace
}  // namespace cacheblend

using namespace cacheblend;

NATIVE(jstring, instructionSet)(JNIEnv* env, jclass) {
  return env->NewStringUTF(IsaName(CurrentIsa()));
}

NATIVE(jboolean, hasCudaKernels)(JNIEnv*, jclass) { return HasCudaKernels(); }

NATIVE(jint, maxStepSequences)(JNIEnv*, jclass) { return kMaxStepSequences; }

// Fills free and total bytes.
NATIVE(void, deviceMemory)(JNIEnv* env, jclass, jint cuda_device, jlongArray result) {
  Guarded(env, [&] {
    const DeviceMemory memory = OpenDevice(cuda_device)->Memory();
    SetLongs(env, result, {memory.free_byte_count, memory.total_byte_count});
  });
}

// Fills the bytes of a running sequence and of a stored chunk.
NATIVE(void, bytesPerToken)
(JNIEnv* env, jclass, jint layers, jint kv_heads, jint head_size, jint cuda_device,
 jint element_type, jlongArray result) {
  Guarded(env, [&] {
    const KvLayout layout{{layers, kv_heads, head_size}, Storage(cuda_device, element_type)};
    layout.shape.Validate();
    SetLongs(env, result, {layout.BytesPerToken(), layout.ChunkBytes(1)});
  });
}

NATIVE(jlong, createPool)
(JNIEnv* env, jclass, jint layers, jint kv_heads, jint head_size, jlong blocks, jint cuda_device,
 jint element_type) {
  return Guarded(env, [&] {
    return Pools().Add(NextHandle(), KvPool::Create({layers, kv_heads, head_size}, blocks,
                                                    Storage(cuda_device, element_type)));
  });
}

NATIVE(void, closePool)(JNIEnv* env, jclass, jlong pool) {
  Guarded(env, [&] { Pools().Remove(pool); });
}

// `keys`: of the blocks that the sequence can share.
NATIVE(jlong, reserve)
(JNIEnv* env, jclass, jlong pool, jlong max_tokens, jbyteArray keys) {
  return Guarded(env, [&] {
    const std::shared_ptr<KvSequence> sequence =
        Pools().Get(pool)->Reserve(max_tokens, Keys(env, keys));
    return Sequences().Add(sequence->handle(), sequence);
  });
}

NATIVE(jlong, dropCachedBlocks)(JNIEnv* env, jclass, jlong pool) {
  return Guarded(env, [&] { return jlong{Pools().Get(pool)->DropCachedBlocks()}; });
}

NATIVE(jlong, allocateChunk)(JNIEnv* env, jclass, jlong pool, jlong tokens) {
  return Guarded(
      env, [&] { return Chunks().Add(NextHandle(), Pools().Get(pool)->AllocateChunk(tokens)); });
}

// Fills total, free, reserved blocks; bytes; sequences; chunks; bytes of chunks; cached, evicted
// blocks.
NATIVE(void, poolStatistics)(JNIEnv* env, jclass, jlong pool, jlongArray result) {
  Guarded(env, [&] {
    const PoolStatistics s = Pools().Get(pool)->Statistics();
    SetLongs(env, result,
             {s.total_block_count, s.free_block_count, s.reserved_block_count, s.byte_count,
              s.sequence_count, s.chunk_count, s.chunk_byte_count, s.cached_block_count,
              s.evicted_block_count});
  });
}

NATIVE(void, closeSequence)(JNIEnv* env, jclass, jlong sequence) {
  Guarded(env, [&] { Sequences().Remove(sequence); });
}

// Of a sequence without a step: the shared positions, which hold KV.
NATIVE(jlong, sharedTokenCount)(JNIEnv* env, jclass, jlong sequence) {
  return Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    return jlong{lease[0].read_only_token_count()};
  });
}

NATIVE(void, publish)(JNIEnv* env, jclass, jlong sequence, jbyteArray keys) {
  Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    lease[0].Publish(Keys(env, keys));
  });
}

NATIVE(void, inject)(JNIEnv* env, jclass, jlong sequence, jlong chunk, jlong first_position) {
  Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    lease[0].Inject(Chunks().Get(chunk), first_position);
  });
}

NATIVE(void, capture)(JNIEnv* env, jclass, jlong sequence, jlong chunk, jlong first_position) {
  Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    lease[0].Capture(Chunks().Get(chunk), first_position);
  });
}

NATIVE(jlong, activeRowCount)(JNIEnv* env, jclass, jlong sequence) {
  return Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    return jlong{lease[0].step().active_row_count};
  });
}

NATIVE(void, allocateAttention)(JNIEnv* env, jclass, jlong sequence) {
  Guarded(env, [&] { SequenceLease({Sequences().Get(sequence)})[0].AllocateAttention(); });
}

NATIVE(jlong, freshRowLayers)(JNIEnv* env, jclass, jlong sequence) {
  return Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    return jlong{lease[0].fresh_row_layers()};
  });
}

// Fills busy and wait nanoseconds.
NATIVE(void, kvLoad)(JNIEnv* env, jclass, jlong sequence, jlongArray result) {
  Guarded(env, [&] {
    const KvLoad load = Sequences().Get(sequence)->kv_load();
    SetLongs(env, result, {load.busy_nanos, load.wait_nanos});
  });
}

// Fills the rows of positions that the layer covers: [positions, KV heads * head size].
NATIVE(void, readSequence)
(JNIEnv* env, jclass, jlong sequence, jint layer, jboolean values, jlong position,
 jfloatArray result) {
  Guarded(env, [&] {
    const SequenceLease lease({Sequences().Get(sequence)});
    const KvShape& shape = lease[0].shape();
    const int64_t size = env->GetArrayLength(result), count = size / shape.RowSize();
    if (layer < 0 || layer >= shape.layer_count || position < 0 ||
        position + count > lease[0].layer(layer).covered || count * shape.RowSize() != size) {
      throw std::invalid_argument(Text("layer ", layer, ", position ", position, ", ", size,
                                       " floats do not match the KV of the sequence"));
    }
    const KvLayout& layout = lease[0].pool().layout();
    std::vector<char> rows(count * layout.RowBytes());
    lease[0].ReadRows(layer, values, position, count, rows.data());
    SetFloats(env, result, ToFloats(rows.data(), size, layout.storage.type));
  });
}

NATIVE(void, closeChunk)(JNIEnv* env, jclass, jlong chunk) {
  Guarded(env, [&] { Chunks().Remove(chunk); });
}

NATIVE(jlong, chunkByteCount)(JNIEnv* env, jclass, jlong chunk) {
  return Guarded(env, [&] { return Chunks().Get(chunk)->byte_count(); });
}

// Fills one row of a chunk: [KV heads * head size].
NATIVE(void, readChunk)
(JNIEnv* env, jclass, jlong chunk, jint layer, jboolean values, jlong row, jfloatArray result) {
  Guarded(env, [&] {
    const std::shared_ptr<StoredChunk> stored = Chunks().Get(chunk);
    const int64_t size = stored->shape().RowSize();
    if (layer < 0 || layer >= stored->shape().layer_count || row < 0 ||
        row >= stored->token_count() || env->GetArrayLength(result) != size) {
      throw std::invalid_argument(Text("layer ", layer, ", row ", row, ", ",
                                       env->GetArrayLength(result),
                                       " floats do not match the stored chunk"));
    }
    const KvLayout& layout = stored->pool().layout();
    std::vector<char> bytes(layout.RowBytes());
    stored->ReadRow(layer, values, row, bytes.data());
    SetFloats(env, result, ToFloats(bytes.data(), size, layout.storage.type));
  });
}

// Returns the handle of memory for transfers to and from the pool's device.
NATIVE(jlong, allocateHostMemory)(JNIEnv* env, jclass, jlong pool, jlong byte_count) {
  return Guarded(env, [&] {
    if (byte_count < 1) {
      throw std::invalid_argument(Text("host memory is ", byte_count, " bytes, must be 1 or more"));
    }
    return HostBuffers().Add(NextHandle(),
                             Pools().Get(pool)->device().AllocateHost(byte_count, "stored chunks"));
  });
}

NATIVE(void, closeHostMemory)(JNIEnv* env, jclass, jlong memory) {
  Guarded(env, [&] { HostBuffers().Remove(memory); });
}

NATIVE(jobject, hostBytes)
(JNIEnv* env, jclass, jlong memory, jlong offset, jint byte_count) {
  return Guarded(env, [&]() -> jobject {
    std::byte* bytes = HostBytes(*HostBuffers().Get(memory), offset, byte_count);
    return env->NewDirectByteBuffer(bytes, byte_count);
  });
}

// Copies all layers of a chunk to host memory.
NATIVE(void, copyChunk)
(JNIEnv* env, jclass, jlong chunk, jlong memory, jlong offset, jint encoding) {
  Guarded(env, [&] {
    const std::shared_ptr<StoredChunk> stored = Chunks().Get(chunk);
    const std::shared_ptr<Buffer> host = HostBuffers().Get(memory);
    const KvEncoding form = Encoding(encoding);
    const int64_t byte_count = stored->shape().layer_count * stored->LayerBytes(form);
    stored->CopyToHost(HostBytes(*host, offset, byte_count), form);
  });
}

// Returns the handle of a load of these chunks.
NATIVE(jlong, beginLoad)(JNIEnv* env, jclass, jlong memory, jlongArray chunks, jint encoding) {
  return Guarded(env, [&] {
    std::vector<std::shared_ptr<StoredChunk>> stored;
    for (int64_t chunk : Longs(env, chunks)) stored.push_back(Chunks().Get(chunk));
    return ChunkLoads().Add(
        NextHandle(), std::make_shared<ChunkLoad>(HostBuffers().Get(memory), std::move(stored),
                                                  Encoding(encoding)));
  });
}

// `offsets`: of the next layer of each chunk.
NATIVE(void, loadLayer)(JNIEnv* env, jclass, jlong load, jlongArray offsets) {
  Guarded(env, [&] { ChunkLoads().Get(load)->NextLayer(Longs(env, offsets)); });
}

NATIVE(void, endLoad)(JNIEnv* env, jclass, jlong load) {
  Guarded(env, [&] { ChunkLoads().Remove(load); });
}

// Returns the handle of memory for the next tokens of a step.
NATIVE(jlong, createStepTokens)(JNIEnv* env, jclass, jint cuda_device) {
  return Guarded(env, [&] {
    return TokensOfSteps().Add(NextHandle(), std::make_shared<StepTokens>(cuda_device));
  });
}

NATIVE(void, closeStepTokens)(JNIEnv* env, jclass, jlong tokens) {
  Guarded(env, [&] { TokensOfSteps().Remove(tokens); });
}

NATIVE(jboolean, stepTokensArrived)(JNIEnv* env, jclass, jlong tokens) {
  return Guarded(env, [&]() -> jboolean { return TokensOfSteps().Get(tokens)->Arrived(); });
}

// Returns the tokens of the newest step when they have arrived.
NATIVE(jlongArray, awaitStepTokens)(JNIEnv* env, jclass, jlong tokens) {
  return Guarded(env, [&]() -> jlongArray {
    const std::vector<int64_t> ids = TokensOfSteps().Get(tokens)->Await();
    const jlongArray result = env->NewLongArray(static_cast<jsize>(ids.size()));
    if (result != nullptr) {
      env->SetLongArrayRegion(result, 0, static_cast<jsize>(ids.size()),
                              reinterpret_cast<const jlong*>(ids.data()));
    }
    return result;
  });
}
