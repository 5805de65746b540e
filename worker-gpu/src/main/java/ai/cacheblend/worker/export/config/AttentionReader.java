package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.model.ModelConfig;

/** Reads head counts, head size and windows. */
final class AttentionReader {

  private AttentionReader() {}

  static ModelConfig.Attention read(
      ConfigObject config, Architecture architecture, Architecture.Biases biases, int layerCount)
      throws ExportException {
    Architecture.Defaults defaults = architecture.defaults();
    int queryHeadCount =
        config.size("num_attention_heads", defaults.queryHeadCount(), SizeLimits.HEADS);
    return new ModelConfig.Attention(
        queryHeadCount,
        kvHeadCount(config, defaults, queryHeadCount),
        headSize(config, defaults, queryHeadCount),
        biases.qkv(),
        biases.output(),
        architecture.queryKeyNorm(),
        architecture.layerWindows(config, layerCount));
  }

  /** An absent field has the default; null means one KV head per query head. */
  private static int kvHeadCount(
      ConfigObject config, Architecture.Defaults defaults, int queryHeadCount)
      throws ExportException {
    int absent =
        config.json().has("num_key_value_heads")
            ? queryHeadCount
            : defaults.kvHeadCount().orElse(queryHeadCount);
    int count = config.nullableSize("num_key_value_heads", absent, SizeLimits.HEADS);
    if (queryHeadCount % count != 0) {
      throw config.wrong(
          "num_key_value_heads", "a divisor of num_attention_heads " + queryHeadCount);
    }
    return count;
  }

  private static int headSize(
      ConfigObject config, Architecture.Defaults defaults, int queryHeadCount)
      throws ExportException {
    int hiddenSize = config.size("hidden_size", defaults.hiddenSize(), SizeLimits.HIDDEN);
    boolean derived = !config.has("head_dim") && defaults.headSize().isEmpty();
    if (derived && hiddenSize % queryHeadCount != 0) {
      throw config.wrong("hidden_size", "a multiple of num_attention_heads " + queryHeadCount);
    }
    int size =
        config.nullableSize(
            "head_dim",
            derived ? hiddenSize / queryHeadCount : defaults.headSize().orElse(0),
            SizeLimits.HEAD);
    if (size % 2 != 0) {
      throw config.wrong("head_dim", "an even number, not " + size);
    }
    return size;
  }
}
