package ai.cacheblend.worker.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** Identity of a model: equal fingerprints mean equal KV for equal tokens. */
final class ModelFingerprint {

  private ModelFingerprint() {}

  /**
   * SHA-256 (hex) over config, dtypes, and of each block name, dtype, shape and SHA-256. Offsets,
   * check layers and special tokens are not part of it: KV does not depend on them.
   */
  static String of(
      ModelConfig config,
      ModelDtypes dtypes,
      List<WeightBlock> weights,
      List<WeightChecksums> checksums) {
    MessageDigest digest = Sha256.newDigest();
    digest.update(ManifestJson.compact(config).getBytes(UTF_8));
    digest.update(ManifestJson.compact(dtypes).getBytes(UTF_8));
    for (int i = 0; i < weights.size(); i++) {
      WeightBlock block = weights.get(i);
      String line =
          "\n%s %s %s %s"
              .formatted(
                  block.name(), block.dtype().id(), block.shape(), checksums.get(i).sha256());
      digest.update(line.getBytes(UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
