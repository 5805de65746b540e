package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Sizes and special tokens of the loaded model, against which requests are validated. */
public record ModelProfile(
    String fingerprint,
    String dtype,
    int vocabularySize,
    int maxPositionCount,
    int layerCount,
    List<Integer> checkLayers,
    OptionalInt bosTokenId,
    Set<Integer> eosTokenIds) {
  public ModelProfile {
    checkArgument(vocabularySize >= 1, "vocabulary is empty");
    checkArgument(maxPositionCount >= 1, "model has no positions");
    checkArgument(layerCount >= 1, "model has no layers");
    checkLayers = List.copyOf(checkLayers);
    eosTokenIds = Set.copyOf(eosTokenIds);
  }
}
