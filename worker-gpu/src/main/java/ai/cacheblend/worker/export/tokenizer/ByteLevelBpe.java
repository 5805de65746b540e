package ai.cacheblend.worker.export.tokenizer;

import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.component;
import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.sequence;

import ai.cacheblend.worker.export.tokenizer.TokenizerJson.Merge;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Byte-level BPE, as of GPT-2: each byte is a letter, and words are merged from letters. */
public final class ByteLevelBpe {

  private ByteLevelBpe() {}

  /**
   * The {@code tokenizer.json}.
   *
   * @param merges pairs of tokens with a space between them, the most important first
   * @throws IllegalArgumentException if a merge is not a pair of tokens whose union is a token
   */
  public static ObjectNode toJson(
      Vocabulary vocabulary, List<String> merges, PreTokenizer preTokenizer) {
    TokenizerJson json = new TokenizerJson(vocabulary);
    if (preTokenizer.normalizesToNfc()) {
      json.root().set("normalizer", component("NFC"));
    }
    json.root().set("pre_tokenizer", preTokenizer.toJson());
    ObjectNode bytes = byteLevel();
    json.root()
        .set(
            "post_processor",
            vocabulary.bos().isPresent()
                ? sequence("processors", bytes, TokenizerJson.bosTemplate(vocabulary))
                : bytes);
    json.root().set("decoder", byteLevel());
    Set<String> tokens =
        vocabulary.tokens().stream().map(Vocabulary.Token::text).collect(Collectors.toSet());
    json.addModel(vocabulary, merges.stream().map(pair -> merge(pair, tokens)).toList())
        .put("ignore_merges", preTokenizer.ignoresMerges());
    return json.root();
  }

  private static ObjectNode byteLevel() {
    return component("ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", false)
        .put("use_regex", false);
  }

  private static Merge merge(String pair, Set<String> tokens) {
    int space = pair.indexOf(' ');
    if (space <= 0 || space == pair.length() - 1 || pair.indexOf(' ', space + 1) >= 0) {
      throw new IllegalArgumentException(
          "merge is \"%s\", expected two tokens with a space between them".formatted(pair));
    }
    Merge merge = new Merge(pair.substring(0, space), pair.substring(space + 1));
    for (String token : List.of(merge.left(), merge.right(), merge.left() + merge.right())) {
      if (!tokens.contains(token)) {
        throw new IllegalArgumentException(
            "merge is \"%s\", but %s is not a token".formatted(pair, token));
      }
    }
    return merge;
  }
}
