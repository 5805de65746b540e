package ai.cacheblend.worker.export;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelManifest;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turns a Hugging Face checkpoint into a model folder. */
public final class Exporter {

  /** Copied where the checkpoint has them. */
  private static final List<String> COPIED_FILES =
      List.of(
          ModelManifest.TOKENIZER_FILE,
          "tokenizer_config.json",
          "special_tokens_map.json",
          "generation_config.json");

  private final ExportProgress progress;

  public Exporter(ExportProgress progress) {
    this.progress = requireNonNull(progress, "progress is null");
  }

  /**
   * Makes the folder and gives back its manifest. All that can be refused is refused before a byte
   * is written, except numbers outside of the dtype's range.
   */
  public ModelManifest export(ExportRequest request) throws IOException {
    Path checkpoint = request.checkpoint();
    if (!Files.isDirectory(checkpoint)) {
      throw new ExportException(checkpoint + " is no folder, expected a Hugging Face checkpoint");
    }
    CheckpointConfig config = CheckpointConfig.read(checkpoint, request.ignoredConfigFields());
    checkCheckLayers(request.checkLayers(), config.model());
    WeightPlan plan = WeightPlan.of(config.model(), request.dtype());
    Path out = request.out().toAbsolutePath().normalize();
    if (request.randomSeed().isPresent()) {
      WeightSource random =
          new RandomWeights(request.randomSeed().getAsLong(), config.initializerRange());
      return write(request, config, plan, random, out);
    }
    requireTokenizer(checkpoint);
    try (CheckpointWeights weights = CheckpointWeights.open(checkpoint)) {
      weights.check(
          plan.tensors(), config.model().tiedEmbeddings() ? Set.of("lm_head.weight") : Set.of());
      return write(request, config, plan, weights, out);
    }
  }

  private static void checkCheckLayers(List<Integer> checkLayers, ModelConfig model)
      throws ExportException {
    try {
      ModelManifest.checkCheckLayers(checkLayers, model.layerCount());
    } catch (IllegalArgumentException e) {
      throw new ExportException(e.getMessage(), e);
    }
  }

  private static void requireTokenizer(Path checkpoint) throws ExportException {
    if (!Files.isRegularFile(checkpoint.resolve(ModelManifest.TOKENIZER_FILE))) {
      throw new ExportException(
          "%s has no %s; save the tokenizer there in its fast form"
              .formatted(checkpoint, ModelManifest.TOKENIZER_FILE));
    }
  }

  private ModelManifest write(
      ExportRequest request,
      CheckpointConfig config,
      WeightPlan plan,
      WeightSource source,
      Path out)
      throws IOException {
    PartialFolder.check(out, plan.byteCount());
    try (PartialFolder folder = PartialFolder.create(out)) {
      MessageDigest digest = sha256();
      digest.update(config.model().canonicalJson().getBytes(StandardCharsets.UTF_8));
      digest.update(request.dtype().id().getBytes(StandardCharsets.UTF_8));
      new WeightsWriter(folder.weights(), digest, plan.byteCount(), progress)
          .write(plan, source, config.model());
      Optional<String> tokenizerSha256 = copyFiles(request.checkpoint(), folder.path());
      ModelManifest manifest =
          new ModelManifest(
              ModelManifest.FORMAT_VERSION,
              request.name(),
              HexFormat.of().formatHex(digest.digest()),
              request.dtype(),
              request.checkLayers(),
              config.bosTokenId(),
              config.eosTokenIds(),
              tokenizerSha256,
              config.model(),
              plan.weightBlocks());
      try (OutputStream graph =
          Files.newOutputStream(folder.path().resolve(ModelManifest.GRAPH_FILE))) {
        GraphBuilder.build(manifest, request.checkLayers()).writeTo(graph);
      }
      manifest.write(folder.path());
      folder.publish();
      return manifest;
    }
  }

  /** Gives back the hash of the tokenizer, where there is one. */
  private static Optional<String> copyFiles(Path from, Path to) throws IOException {
    for (String name : COPIED_FILES) {
      if (Files.isRegularFile(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    }
    Path tokenizer = to.resolve(ModelManifest.TOKENIZER_FILE);
    return Files.isRegularFile(tokenizer)
        ? Optional.of(MoreFiles.asByteSource(tokenizer).hash(Hashing.sha256()).toString())
        : Optional.empty();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
