package ai.cacheblend.worker.export;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.model.Dtype;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A checkpoint to export.
 *
 * @param checkpoint in a format of {@link CheckpointFormats}
 * @param name display name of the model
 * @param out folder to create; an empty one is replaced
 * @param checkLayers strictly ascending, each at least 1
 * @param randomSeed seed of random weights, from {@code config.json} alone; empty: the checkpoint's
 *     weights
 * @param adapter folder of a LoRA adapter that is merged into the weights; empty: none
 * @param ignoredConfigFields unknown fields of {@code config.json} that are accepted
 */
public record ExportRequest(
    Path checkpoint,
    String name,
    Path out,
    Dtype dtype,
    List<Integer> checkLayers,
    OptionalLong randomSeed,
    Optional<Path> adapter,
    Set<String> ignoredConfigFields) {

  public ExportRequest {
    requireNonNull(checkpoint, "checkpoint is null");
    requireNonNull(name, "name is null");
    requireNonNull(out, "out is null");
    requireNonNull(dtype, "dtype is null");
    requireNonNull(randomSeed, "randomSeed is null");
    requireNonNull(adapter, "adapter is null");
    checkArgument(
        adapter.isEmpty() || randomSeed.isEmpty(),
        "adapter is %s with random weights; choose one of them",
        adapter.orElse(null));
    checkLayers = List.copyOf(checkLayers);
    ignoredConfigFields = Set.copyOf(ignoredConfigFields);
    checkArgument(!checkLayers.isEmpty(), "check layers: none given, expected at least one");
    int previous = 0;
    for (int layer : checkLayers) {
      checkArgument(
          layer >= 1,
          "check layers: %s, must be >= 1 (KV of layer 0 depends on the token alone)",
          layer);
      checkArgument(
          layer > previous, "check layers: %s after %s, expected ascending", layer, previous);
      previous = layer;
    }
  }

  /** The checkpoint's weights in fp32, with check layer 1. */
  public static ExportRequest of(Path checkpoint, Path out) {
    return new ExportRequest(
        checkpoint,
        checkpoint.toAbsolutePath().normalize().getFileName().toString(),
        out,
        Dtype.FP32,
        List.of(1),
        OptionalLong.empty(),
        Optional.empty(),
        Set.of());
  }
}
