package ai.cacheblend.worker.export.adapter;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsFolder;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A LoRA adapter that PEFT wrote: {@code adapter_config.json} and safetensors. */
public final class LoraAdapter {

  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String PICKLED_WEIGHTS = "adapter_model.bin";
  private static final String PREFIX = "base_model.model.";
  private static final String DOWN = ".lora_A.weight";
  private static final int MAX_RANK = 1 << 12;
  private static final String UP = ".lora_B.weight";

  private final LoraConfig config;
  private final Map<String, SafetensorsTensor> stored;

  private LoraAdapter(LoraConfig config, Map<String, SafetensorsTensor> stored) {
    this.config = config;
    this.stored = stored;
  }

  /** Reads and checks configuration and header. */
  public static LoraAdapter read(Path folder) throws IOException {
    Path weights = folder.resolve(WEIGHTS);
    if (!Files.isDirectory(folder)) {
      throw new ExportException(folder + " is not a directory, expected an adapter of PEFT");
    }
    LoraConfig config = LoraConfig.read(folder);
    CheckpointFiles.checkContent(weights);
    if (!Files.isRegularFile(weights)) {
      throw new ExportException(
          "%s has no %s%s"
              .formatted(
                  folder,
                  WEIGHTS,
                  Files.exists(folder.resolve(PICKLED_WEIGHTS))
                      ? ", only %s; convert it: python3 -c \"import torch, safetensors.torch as s; s.save_file(torch.load('%s'), '%s')\""
                          .formatted(PICKLED_WEIGHTS, folder.resolve(PICKLED_WEIGHTS), weights)
                      : ""));
    }
    return new LoraAdapter(config, new TreeMap<>(SafetensorsFolder.readFile(weights)));
  }

  /**
   * The tensors of the model with the adapter's products added.
   *
   * @param base the tensors by their names in transformers
   */
  public Map<String, StoredTensor> merged(Map<String, ? extends StoredTensor> base)
      throws ExportException {
    Map<String, StoredTensor> merged = new LinkedHashMap<>(base);
    int layers = 0;
    for (Map.Entry<String, SafetensorsTensor> entry : stored.entrySet()) {
      String name = entry.getKey();
      boolean down = name.endsWith(DOWN);
      if (!name.startsWith(PREFIX) || !(down || name.endsWith(UP))) {
        throw wrong(
            entry.getValue(), "is not supported, expected lora_A and lora_B of linear layers");
      }
      String layer = name.substring(PREFIX.length(), name.length() - DOWN.length());
      if (!down) {
        if (!stored.containsKey(PREFIX + layer + DOWN)) {
          throw wrong(entry.getValue(), "has no " + PREFIX + layer + DOWN + " beside it");
        }
        continue;
      }
      SafetensorsTensor up = stored.get(PREFIX + layer + UP);
      if (up == null) {
        throw wrong(entry.getValue(), "has no " + PREFIX + layer + UP + " beside it");
      }
      merged.put(
          layer + ".weight", merged(layer, base.get(layer + ".weight"), entry.getValue(), up));
      layers++;
    }
    if (layers == 0) {
      throw new ExportException(config.file().resolveSibling(WEIGHTS) + " has no tensors");
    }
    return merged;
  }

  private LoraTensor merged(
      String layer, StoredTensor base, SafetensorsTensor down, SafetensorsTensor up)
      throws ExportException {
    if (base == null) {
      throw wrong(down, "changes %s.weight, which the checkpoint does not have".formatted(layer));
    }
    for (SafetensorsTensor tensor : List.of(down, up)) {
      if (tensor.shape().size() != 2 || StoredType.ofName(tensor.type()).isEmpty()) {
        throw wrong(
            tensor,
            "is %s %s, expected a matrix in F32, F16 or BF16"
                .formatted(tensor.type(), tensor.shape()));
      }
    }
    long rank = down.shape().get(0);
    if (rank < 1 || rank > MAX_RANK) {
      throw wrong(down, "has %d rows, expected 1 to %d".formatted(rank, MAX_RANK));
    }
    double scale = config.scale(layer, (int) rank);
    if (!base.shape().equals(List.of(up.shape().get(0), down.shape().get(1)))
        || up.shape().get(1) != rank) {
      throw wrong(
          down,
          "has shape %s and %s has %s, which do not fit %s of %s"
              .formatted(
                  down.shape(), up.range().tensor(), up.shape(), base.shape(), layer + ".weight"));
    }
    return new LoraTensor(base, down, up, scale);
  }

  private static ExportException wrong(SafetensorsTensor tensor, String problem) {
    return new ExportException(
        "%s: tensor %s %s".formatted(tensor.file(), tensor.range().tensor(), problem));
  }
}
