package ai.cacheblend.worker.export.tokenizer;

import ai.cacheblend.worker.export.tokenizer.Vocabulary.Kind;
import ai.cacheblend.worker.export.tokenizer.Vocabulary.Token;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The parts of a {@code tokenizer.json} with a BPE model. */
final class TokenizerJson {

  /** Two tokens that are merged; the first pair of the list that occurs is merged first. */
  record Merge(String left, String right) {}

  private final ObjectNode root = JsonNodeFactory.instance.objectNode();

  TokenizerJson(Vocabulary vocabulary) {
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    addTokens(vocabulary);
    root.putNull("normalizer");
    root.putNull("pre_tokenizer");
    root.putNull("post_processor");
  }

  /** Added tokens are found in a text before it is normalised and split. */
  private void addTokens(Vocabulary vocabulary) {
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      Token token = vocabulary.tokens().get(id);
      boolean special = token.kind() == Kind.CONTROL || token.kind() == Kind.UNKNOWN;
      if (special || token.kind() == Kind.USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", token.text())
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", special);
      }
    }
  }

  ObjectNode root() {
    return root;
  }

  static ObjectNode component(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  static ObjectNode sequence(String field, ObjectNode... components) {
    ObjectNode sequence = component("Sequence");
    sequence.putArray(field).addAll(List.of(components));
    return sequence;
  }

  /** Replaces a text, or what a regular expression matches. */
  static ObjectNode replace(String kind, String pattern, String content) {
    ObjectNode replace = component("Replace");
    replace.putObject("pattern").put(kind, pattern);
    return replace.put("content", content);
  }

  /** Puts BOS before a text. */
  static ObjectNode bosTemplate(Vocabulary vocabulary) {
    int id = vocabulary.bos().orElseThrow();
    String text = vocabulary.tokens().get(id).text();
    ObjectNode template = component("TemplateProcessing");
    ArrayNode single = template.putArray("single");
    addBos(single, text);
    addSequence(single, "A", 0);
    ArrayNode pair = template.putArray("pair");
    addBos(pair, text);
    addSequence(pair, "A", 0);
    addSequence(pair, "B", 1);
    ObjectNode special = template.putObject("special_tokens").putObject(text);
    special.put("id", text).putArray("ids").add(id);
    special.putArray("tokens").add(text);
    return template;
  }

  private static void addBos(ArrayNode template, String text) {
    template.addObject().putObject("SpecialToken").put("id", text).put("type_id", 0);
  }

  private static void addSequence(ArrayNode template, String id, int type) {
    template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }

  /** Adds the BPE model; returns it. */
  ObjectNode addModel(Vocabulary vocabulary, List<Merge> merges) {
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.tokens().size(); id++) {
      ids.put(vocabulary.tokens().get(id).text(), id);
    }
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.addArray().add(merge.left()).add(merge.right()));
    return model;
  }
}
