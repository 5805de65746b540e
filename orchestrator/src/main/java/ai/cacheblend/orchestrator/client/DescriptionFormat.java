package ai.cacheblend.orchestrator.client;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostReading;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.HostStatistics;
import ai.cacheblend.proto.v1.ModelDescription;
import ai.cacheblend.proto.v1.StepStatistics;
import ai.cacheblend.proto.v1.Versions;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Converts the response of Describe. */
final class DescriptionFormat {
  private DescriptionFormat() {}

  static WorkerDescription description(DescribeResponse response) {
    return new WorkerDescription(
        model(response.getModel()),
        DeviceFacts.device(response.getDevice()),
        new WorkerDescription.Limits(
            response.getLimits().getMaxSequenceTokenCount(),
            response.getLimits().getQueueCapacity()),
        new WorkerDescription.Memory(
            response.getPool().getBlockTokenCount(),
            response.getPool().getByteCount(),
            response.getChunks().getBudgetByteCount(),
            WireFormat.tiers(response.getTiersList()),
            response.getTierKv()),
        versions(response.getVersions()),
        new WorkerDescription.Launch(
            response.getLaunch().getOptionsList(), response.getLaunch().getJvmArgumentsList()),
        steps(response.getSteps()),
        response.hasHost() ? Optional.of(host(response.getHost())) : Optional.empty(),
        response.getInstanceId());
  }

  private static StepCounts steps(StepStatistics steps) {
    return new StepCounts(
        steps.getStepCount(),
        steps.getRowCount(),
        steps.getSequenceCount(),
        ImmutableLongArray.copyOf(steps.getStepsBySequencesList()),
        ImmutableLongArray.copyOf(steps.getStepsByRowsList()));
  }

  private static WorkerDescription.Model model(ModelDescription model) {
    return new WorkerDescription.Model(
        model.getName(),
        model.getArchitecture(),
        model.getFingerprint(),
        model.getDtype(),
        model.getLayerCount(),
        model.getHiddenSize(),
        model.getIntermediateSize(),
        model.getQueryHeadCount(),
        model.getKvHeadCount(),
        model.getHeadSize(),
        model.getVocabularySize(),
        model.getMaxPositionCount(),
        model.getSlidingWindowTokens(),
        model.getCheckLayersList(),
        model.hasBosTokenId() ? OptionalInt.of(model.getBosTokenId()) : OptionalInt.empty(),
        model.getEosTokenIdsList(),
        model.getTokenizerSha256(),
        model.getKvBytesPerToken(),
        model.getRevision(),
        model.getDirectory(),
        new WorkerDescription.ChatFormat(model.getChatTemplate(), model.getSpecialTokensMap()));
  }

  private static WorkerDescription.Versions versions(Versions versions) {
    return new WorkerDescription.Versions(
        new Build(
            versions.getWorker(),
            Optional.of(versions.getCommit()).filter(commit -> !commit.isEmpty()),
            versions.getDirty(),
            versions.getCodeSha256()),
        versions.getNativeLibrarySha256(),
        versions.getCudaKernels(),
        versions.getOnnxruntime(),
        versions.getJava());
  }

  private static HostReading host(HostStatistics host) {
    return new HostReading(
        host.getBootId(),
        host.getMonotonicNanos(),
        host.getProcessorCount(),
        real(host.hasLoad1(), host.getLoad1()),
        integer(host.hasCpuWaitMicros(), host.getCpuWaitMicros()),
        integer(host.hasMemoryWaitMicros(), host.getMemoryWaitMicros()),
        integer(host.hasIoWaitMicros(), host.getIoWaitMicros()),
        integer(host.hasCpuTicks(), host.getCpuTicks()),
        integer(host.hasStealTicks(), host.getStealTicks()),
        real(host.hasCpuLimit(), host.getCpuLimit()),
        integer(host.hasThrottledMicros(), host.getThrottledMicros()),
        integer(host.hasAvailableMemoryByteCount(), host.getAvailableMemoryByteCount()),
        real(host.hasCpuMhz(), host.getCpuMhz()));
  }

  private static OptionalDouble real(boolean present, double value) {
    return present ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private static OptionalLong integer(boolean present, long value) {
    return present ? OptionalLong.of(value) : OptionalLong.empty();
  }
}
