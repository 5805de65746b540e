package ai.cacheblend.worker.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/** Reads how far back each layer sees; defaults are those of Hugging Face transformers. */
final class WindowReader {

  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_MAX_WINDOW_LAYERS = 28;

  private WindowReader() {}

  /** Per layer the window, or 0. */
  static List<Integer> read(ConfigObject config, Architecture architecture, int layerCount)
      throws ExportException {
    return switch (architecture) {
      case LLAMA -> none(config, layerCount);
      case MISTRAL -> Collections.nCopies(layerCount, window(config).orElse(0));
      case QWEN2, QWEN3 -> perLayer(config, layerCount);
    };
  }

  private static List<Integer> none(ConfigObject config, int layerCount) throws ExportException {
    if (config.has("sliding_window")) {
      throw config.wrong("sliding_window", "null");
    }
    return Collections.nCopies(layerCount, 0);
  }

  /** An absent field has a default, null means none. */
  private static OptionalInt window(ConfigObject config) throws ExportException {
    return config.json().has("sliding_window")
        ? config.optionalPositive("sliding_window")
        : OptionalInt.of(DEFAULT_WINDOW);
  }

  private static List<Integer> perLayer(ConfigObject config, int layerCount)
      throws ExportException {
    OptionalInt window = config.flag("use_sliding_window") ? window(config) : OptionalInt.empty();
    if (config.has("layer_types")) {
      return byType(config, layerCount, window);
    }
    int firstWindowLayer =
        config.optionalNonNegative("max_window_layers").orElse(DEFAULT_MAX_WINDOW_LAYERS);
    List<Integer> windows = new ArrayList<>();
    for (int layer = 0; layer < layerCount; layer++) {
      windows.add(layer >= firstWindowLayer ? window.orElse(0) : 0);
    }
    return windows;
  }

  private static List<Integer> byType(ConfigObject config, int layerCount, OptionalInt window)
      throws ExportException {
    JsonNode types = config.value("layer_types");
    if (!types.isArray() || types.size() != layerCount) {
      throw config.wrong("layer_types", "a list of %d layer types".formatted(layerCount));
    }
    List<Integer> windows = new ArrayList<>();
    for (JsonNode type : types) {
      if (type.asText().equals("full_attention")) {
        windows.add(0);
      } else if (type.asText().equals("sliding_attention") && window.isPresent()) {
        windows.add(window.getAsInt());
      } else {
        throw config.wrong(
            "layer_types", "full_attention, or sliding_attention where use_sliding_window is true");
      }
    }
    return windows;
  }
}
