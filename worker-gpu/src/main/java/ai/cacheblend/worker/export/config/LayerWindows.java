package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Reads attention windows that may differ by layer. */
final class LayerWindows {

  static final Set<String> FIELDS =
      Set.of("layer_types", "max_window_layers", "sliding_window", "use_sliding_window");

  private static final int DEFAULT_WINDOW = 4096;
  private static final int DEFAULT_MAX_WINDOW_LAYERS = 28;

  private LayerWindows() {}

  /** {@code sliding_window}: an absent field has a default, null means none. */
  static OptionalInt window(ConfigObject config) throws ExportException {
    return config.json().has("sliding_window")
        ? config.optionalPositive("sliding_window")
        : OptionalInt.of(DEFAULT_WINDOW);
  }

  /** Per layer the window, or 0. */
  static List<Integer> read(ConfigObject config, int layerCount) throws ExportException {
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

  /** Per layer the window, or 0, where all layers are alike; {@code layer_types} has priority. */
  static List<Integer> uniform(ConfigObject config, int layerCount) throws ExportException {
    OptionalInt window = window(config);
    return config.has("layer_types")
        ? byType(config, layerCount, window)
        : Collections.nCopies(layerCount, window.orElse(0));
  }

  /**
   * Per layer the window, or 0, where every layer whose number is a multiple of a period attends to
   * all positions; {@code layer_types} has priority.
   *
   * @param period layers, counted from 1
   */
  static List<Integer> periodic(ConfigObject config, int layerCount, int period)
      throws ExportException {
    OptionalInt window = window(config);
    if (config.has("layer_types")) {
      return byType(config, layerCount, window);
    }
    if (window.isEmpty()) {
      throw config.wrong("sliding_window", "a whole number > 0");
    }
    List<Integer> windows = new ArrayList<>();
    for (int layer = 1; layer <= layerCount; layer++) {
      windows.add(layer % period == 0 ? 0 : window.getAsInt());
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
            "layer_types", "full_attention, or sliding_attention where the config has a window");
      }
    }
    return windows;
  }
}
