package ai.cacheblend.worker.export.tokenizer;

import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.component;
import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.replace;
import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.sequence;

import ai.cacheblend.worker.export.tokenizer.TokenizerJson.Merge;
import ai.cacheblend.worker.export.tokenizer.Vocabulary.Kind;
import ai.cacheblend.worker.export.tokenizer.Vocabulary.Token;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A SentencePiece model of type BPE, with spaces written as U+2581. SentencePiece merges the
 * neighbours whose union has the highest score; in {@code tokenizer.json} each way to split a token
 * in two is a merge, in the order of the scores.
 *
 * <p>The normalizer is that of the published files of Llama 2, TinyLlama and Mistral 7B. Like them,
 * and unlike SentencePiece, it finds special tokens in a text, and puts a space behind them.
 */
public final class SentencePieceBpe {

  private static final String SPACE = "▁";

  private SentencePieceBpe() {}

  /**
   * The {@code tokenizer.json}.
   *
   * @param prefixesSpace whether a space is put before a text
   */
  public static ObjectNode toJson(Vocabulary vocabulary, boolean prefixesSpace) {
    TokenizerJson json = new TokenizerJson(vocabulary);
    ObjectNode spaces = replace("String", " ", SPACE);
    json.root()
        .set(
            "normalizer",
            prefixesSpace
                ? sequence("normalizers", component("Prepend").put("prepend", SPACE), spaces)
                : sequence("normalizers", spaces));
    if (vocabulary.bos().isPresent()) {
      json.root().set("post_processor", TokenizerJson.bosTemplate(vocabulary));
    }
    json.root().set("decoder", decoder(prefixesSpace));
    OptionalInt unknown = vocabulary.first(Kind.UNKNOWN);
    ObjectNode model =
        json.addModel(vocabulary, merges(vocabulary))
            .put("fuse_unk", true)
            .put("byte_fallback", vocabulary.first(Kind.BYTE).isPresent());
    if (unknown.isPresent()) {
      model.put("unk_token", vocabulary.tokens().get(unknown.getAsInt()).text());
    }
    return json.root();
  }

  private static ObjectNode decoder(boolean prefixesSpace) {
    ObjectNode spaces = replace("String", SPACE, " ");
    ObjectNode bytes = component("ByteFallback");
    ObjectNode fuse = component("Fuse");
    return prefixesSpace
        ? sequence(
            "decoders",
            spaces,
            bytes,
            fuse,
            component("Strip").put("content", " ").put("start", 1).put("stop", 0))
        : sequence("decoders", spaces, bytes, fuse);
  }

  private static List<Merge> merges(Vocabulary vocabulary) {
    List<Token> tokens = vocabulary.tokens();
    Set<String> normal = new HashSet<>();
    for (Token token : tokens) {
      if (token.kind() == Kind.NORMAL) {
        normal.add(token.text());
      }
    }
    List<Merge> merges = new ArrayList<>();
    IntStream.range(0, tokens.size())
        .mapToObj(tokens::get)
        .filter(token -> token.kind() == Kind.NORMAL)
        .sorted(Comparator.comparingDouble((Token token) -> -token.score()))
        .forEach(token -> addSplits(token.text(), normal, merges));
    return merges;
  }

  /** The longest left part first. */
  private static void addSplits(String text, Set<String> normal, List<Merge> merges) {
    for (int at = text.length() - 1; at > 0; at--) {
      if (!Character.isLowSurrogate(text.charAt(at))
          && normal.contains(text.substring(0, at))
          && normal.contains(text.substring(at))) {
        merges.add(new Merge(text.substring(0, at), text.substring(at)));
      }
    }
  }
}
