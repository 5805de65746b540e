package ai.cacheblend.worker.grpc;

import ai.cacheblend.proto.v1.ChunkStatistics;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.LaunchDescription;
import ai.cacheblend.proto.v1.LeaseStatistics;
import ai.cacheblend.proto.v1.Limits;
import ai.cacheblend.proto.v1.ModelDescription;
import ai.cacheblend.proto.v1.PoolStatistics;
import ai.cacheblend.proto.v1.StepStatistics;
import ai.cacheblend.proto.v1.Versions;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.model.ModelProfile;

/** Encodes the description of the worker and its statistics. */
final class DescribeEncoder {
  private DescribeEncoder() {}

  static DescribeResponse describe(
      WorkerDescription description, String instanceId, Engine engine, LeaseStatistics leases) {
    return DescribeResponse.newBuilder()
        .setModel(model(description.model()))
        .setDevice(device(description.device()))
        .setLimits(
            Limits.newBuilder()
                .setMaxSequenceTokenCount(engine.maxSequenceTokenCount())
                .setQueueCapacity(engine.queueCapacity()))
        .setVersions(versions(description.versions()))
        .setPool(pool(engine.poolStatistics()))
        .setChunks(chunks(engine.chunkStatistics()))
        .addAllTiers(engine.tierStatistics().stream().map(TierEncoder::encode).toList())
        .setTierKv(engine.tierEncoding().map(KvEncoding::id).orElse(""))
        .setSteps(steps(engine.stepStatistics()))
        .setInstanceId(instanceId)
        .setLeases(leases)
        .setLaunch(
            LaunchDescription.newBuilder()
                .addAllOptions(description.launch().options())
                .addAllJvmArguments(description.launch().jvmArguments()))
        .setHost(HostEncoder.encode(description.host().read()))
        .build();
  }

  private static ModelDescription model(WorkerDescription.Model model) {
    ModelProfile profile = model.profile();
    ModelDescription.Builder message =
        ModelDescription.newBuilder()
            .setName(model.name())
            .setArchitecture(model.architecture())
            .setFingerprint(profile.fingerprint())
            .setDtype(profile.dtype())
            .setLayerCount(model.layerCount())
            .setHiddenSize(model.hiddenSize())
            .setIntermediateSize(model.intermediateSize())
            .setQueryHeadCount(model.queryHeadCount())
            .setKvHeadCount(model.kvHeadCount())
            .setHeadSize(model.headSize())
            .setVocabularySize(profile.vocabularySize())
            .setMaxPositionCount(profile.maxPositionCount())
            .setSlidingWindowTokens(model.slidingWindowTokens())
            .addAllCheckLayers(profile.checkLayers())
            .addAllEosTokenIds(profile.eosTokenIds().stream().sorted().toList())
            .setTokenizerSha256(model.tokenizerSha256())
            .setKvBytesPerToken(model.kvBytesPerToken())
            .setRevision(model.revision())
            .setDirectory(model.directory())
            .setChatTemplate(model.chat().template())
            .putAllSpecialTokens(model.chat().specialTokens());
    profile.bosTokenId().ifPresent(message::setBosTokenId);
    return message.build();
  }

  private static DeviceDescription device(WorkerDescription.Device device) {
    DeviceDescription.Builder message =
        DeviceDescription.newBuilder()
            .setKind(device.kind())
            .setName(device.name())
            .setThreadCount(device.threadCount())
            .setInstructionSet(device.instructionSet());
    device.gpu().ifPresent(gpu -> GpuEncoder.addTo(message, gpu));
    return message.build();
  }

  private static Versions versions(WorkerDescription.Versions versions) {
    return Versions.newBuilder()
        .setWorker(versions.worker().version())
        .setCommit(versions.worker().commit().orElse(""))
        .setDirty(versions.worker().dirty())
        .setCodeSha256(versions.worker().codeSha256())
        .setNativeLibrarySha256(versions.nativeLibrarySha256())
        .setCudaKernels(versions.hasCudaKernels())
        .setOnnxruntime(versions.onnxruntime())
        .setJava(versions.java())
        .build();
  }

  private static PoolStatistics pool(KvPoolStatistics pool) {
    return PoolStatistics.newBuilder()
        .setBlockTokenCount(pool.blockTokenCount())
        .setTotalBlockCount(pool.totalBlockCount())
        .setFreeBlockCount(pool.freeBlockCount())
        .setReservedBlockCount(pool.reservedBlockCount())
        .setByteCount(pool.byteCount())
        .setCachedBlockCount(pool.cachedBlockCount())
        .setEvictedBlockCount(pool.evictedBlockCount())
        .build();
  }

  private static ChunkStatistics chunks(ai.cacheblend.worker.chunks.ChunkStatistics chunks) {
    return ChunkStatistics.newBuilder()
        .setChunkCount(chunks.chunkCount())
        .setByteCount(chunks.byteCount())
        .setBudgetByteCount(chunks.budgetByteCount())
        .setHitCount(chunks.hitCount())
        .setComputedCount(chunks.computedCount())
        .setEvictedCount(chunks.evictedCount())
        .build();
  }

  private static StepStatistics steps(ai.cacheblend.worker.engine.StepStatistics steps) {
    return StepStatistics.newBuilder()
        .setStepCount(steps.stepCount())
        .setRowCount(steps.rowCount())
        .setSequenceCount(steps.sequenceCount())
        .addAllStepsBySequences(steps.stepsBySequences().asList())
        .addAllStepsByRows(steps.stepsByRows().asList())
        .build();
  }
}
