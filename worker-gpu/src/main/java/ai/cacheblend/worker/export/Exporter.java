package ai.cacheblend.worker.export;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.hub.Snapshot;
import ai.cacheblend.worker.export.adapter.LoraAdapter;
import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.export.lowering.GraphBuilder;
import ai.cacheblend.worker.export.weights.CheckpointWeights;
import ai.cacheblend.worker.export.weights.LlamaTensors;
import ai.cacheblend.worker.export.weights.RandomWeights;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.TensorSpec;
import ai.cacheblend.worker.export.weights.WeightPlan;
import ai.cacheblend.worker.export.weights.WeightSource;
import ai.cacheblend.worker.export.weights.WeightsWriter;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelDtypes;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightChecksums;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Exports a checkpoint as a model folder. */
public final class Exporter {

  private final ExportProgress progress;

  public Exporter(ExportProgress progress) {
    this.progress = requireNonNull(progress, "progress is null");
  }

  /**
   * Writes the folder and returns its manifest. Everything is checked before the first byte is
   * written, except for numbers outside of the dtype's range.
   */
  public ModelManifest export(ExportRequest request) throws IOException {
    try (Checkpoint checkpoint = CheckpointFormats.open(request.checkpoint())) {
      CheckpointConfig config = checkpoint.config(request.ignoredConfigFields());
      checkCheckLayers(request.checkLayers(), config.model());
      return request.randomSeed().isPresent()
          ? exportRandom(request, checkpoint, config)
          : export(request, checkpoint, config);
    }
  }

  private ModelManifest export(
      ExportRequest request, Checkpoint checkpoint, CheckpointConfig config) throws IOException {
    TokenizerExport tokenizer =
        TokenizerExport.required(checkpoint.tokenizerFolder(), config, progress);
    Map<String, ? extends StoredTensor> tensors = textTensors(checkpoint, config);
    if (request.adapter().isPresent()) {
      tensors = LoraAdapter.read(request.adapter().get()).merged(tensors);
    }
    try (CheckpointWeights weights = new CheckpointWeights(tensors)) {
      ModelConfig model = checked(config, weights);
      WeightPlan plan = WeightPlan.of(config.blocks(model), model, request.dtype());
      return write(request, model, tokenizer, plan, weights);
    }
  }

  private Map<String, ? extends StoredTensor> textTensors(
      Checkpoint checkpoint, CheckpointConfig config) throws IOException {
    Map<String, ? extends StoredTensor> stored = checkpoint.tensors(config);
    Map<String, ? extends StoredTensor> tensors = config.textTensors(stored);
    if (tensors.size() < stored.size()) {
      progress.warning(
          "%d tensors for other inputs than text are left out"
              .formatted(stored.size() - tensors.size()));
    }
    return tensors;
  }

  private ModelManifest exportRandom(
      ExportRequest request, Checkpoint checkpoint, CheckpointConfig config) throws IOException {
    ModelConfig model = config.model();
    WeightPlan plan = WeightPlan.of(config.blocks(model), model, request.dtype());
    WeightSource random =
        new RandomWeights(request.randomSeed().getAsLong(), config.initializerRange());
    TokenizerExport tokenizer =
        TokenizerExport.optional(checkpoint.tokenizerFolder(), config, progress);
    return write(request, model, tokenizer, plan, random);
  }

  /**
   * Checks the tensors. Of a model with tied embeddings, an output layer in the checkpoint is used
   * where its numbers differ from the embedding's, as in transformers.
   */
  private ModelConfig checked(CheckpointConfig config, CheckpointWeights weights)
      throws IOException {
    ModelConfig model = config.model();
    List<TensorSpec> needed =
        config.blocks(model).stream().flatMap(block -> block.tensors().stream()).toList();
    TensorSpec output = LlamaTensors.output(model);
    weights.check(needed, List.of(output), model.attention().headSize() / 2);
    if (!model.vocabulary().tiedOutput()
        || !weights.has(output)
        || weights.sameNumbers(LlamaTensors.embedding(model), output)) {
      return model;
    }
    progress.warning(
        "tie_word_embeddings is true, but %s differs from the embedding; it is exported"
            .formatted(output.name()));
    return model.withUntiedOutput();
  }

  private static void checkCheckLayers(List<Integer> checkLayers, ModelConfig model)
      throws ExportException {
    try {
      ModelManifest.checkCheckLayers(checkLayers, model.layerCount());
    } catch (IllegalArgumentException e) {
      throw new ExportException(e.getMessage(), e);
    }
  }

  private ModelManifest write(
      ExportRequest request,
      ModelConfig model,
      TokenizerExport tokenizer,
      WeightPlan plan,
      WeightSource source)
      throws IOException {
    Path out = request.out().toAbsolutePath().normalize();
    StagingFolder.check(out, plan.byteCount());
    try (StagingFolder folder = StagingFolder.create(out)) {
      List<WeightChecksums> checksums =
          new WeightsWriter(folder.weights(), progress).write(plan, source, model);
      ModelManifest manifest =
          ModelManifest.of(
              request.name(),
              Snapshot.commitOf(request.checkpoint()),
              ModelDtypes.of(request.dtype()),
              request.checkLayers(),
              tokenizer.specialTokens(),
              tokenizer.copyTo(folder.path()),
              model,
              plan.weightBlocks(),
              checksums);
      try (OutputStream graph =
          Files.newOutputStream(folder.path().resolve(ModelManifest.GRAPH_FILE))) {
        GraphBuilder.build(manifest, request.checkLayers()).writeTo(graph);
      }
      manifest.write(folder.path());
      folder.publish();
      return manifest;
    }
  }
}
