package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The text model of a multimodal Gemma 3 is the model that its config and tensors alone give. */
final class Gemma3MultimodalTest {

  @TempDir Path folder;

  private ExportFixture model;

  @BeforeEach
  void setUp() {
    model = new ExportFixture(folder);
  }

  /** The text model within a model that reads images, with tensors renamed. */
  private static CheckpointFixture multimodal(UnaryOperator<String> name) {
    CheckpointFixture fixture = CheckpointFixture.gemma3();
    ObjectNode text = fixture.config.deepCopy();
    text.remove(List.of("architectures", "eos_token_id"));
    fixture.config.removeAll();
    fixture.config.putArray("architectures").add("Gemma3ForConditionalGeneration");
    fixture.config.put("model_type", "gemma3").put("image_token_index", 7);
    fixture.config.putArray("eos_token_id").add(2).add(3);
    fixture.config.set("text_config", text);
    fixture.config.putObject("vision_config").put("hidden_size", 3);
    for (String stored : List.copyOf(fixture.tensors.keySet())) {
      fixture.tensors.put(name.apply(stored), fixture.tensors.remove(stored));
    }
    return fixture;
  }

  private static String ofTransformers4(String name) {
    return "language_model." + name;
  }

  private static String ofTransformers5(String name) {
    return name.replaceFirst("^model", "model.language_model");
  }

  @Test
  void exportsTheTextModel() throws IOException {
    CheckpointFixture.gemma3().write(model.checkpoint);
    ModelManifest alone = model.export(model.request(Dtype.FP32));
    for (UnaryOperator<String> name :
        List.<UnaryOperator<String>>of(
            Gemma3MultimodalTest::ofTransformers4, Gemma3MultimodalTest::ofTransformers5)) {
      CheckpointFixture fixture = multimodal(name);
      fixture.add("vision_tower.patch.weight", 3, 3);
      fixture.add("model.multi_modal_projector.norm.weight", 3);
      model.out = folder.resolve("out-" + name.apply("model"));
      fixture.write(model.checkpoint);
      List<String> warnings = new ArrayList<>();
      ModelManifest within = model.exportWith(warnings);
      assertThat(warnings).containsExactly("2 tensors for other inputs than text are left out");
      assertThat(within.checksums()).isEqualTo(alone.checksums());
      assertThat(within.config().decoder()).isEqualTo(alone.config().decoder());
      assertThat(within.config().attention()).isEqualTo(alone.config().attention());
      assertThat(within.eosTokenIds()).containsExactly(2, 3);
    }
  }

  @Test
  void refusesOtherPartsAndConfigs() throws IOException {
    CheckpointFixture other = multimodal(Gemma3MultimodalTest::ofTransformers4);
    other.add("audio_tower.weight", 3);
    other.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "tensor audio_tower.weight [3] is not part of");

    CheckpointFixture field = multimodal(Gemma3MultimodalTest::ofTransformers4);
    field.config.put("audio_config", 1);
    field.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "audio_config is 1, expected no such field");

    CheckpointFixture nested = multimodal(Gemma3MultimodalTest::ofTransformers4);
    ((ObjectNode) nested.config.get("text_config")).put("hidden_activation", "relu");
    nested.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "text_config.hidden_activation is \"relu\", expected");

    CheckpointFixture flat = multimodal(Gemma3MultimodalTest::ofTransformers4);
    flat.config.remove("text_config");
    flat.write(model.checkpoint);
    model.refused(model.request(Dtype.FP32), "text_config is absent, expected an object");
  }
}
