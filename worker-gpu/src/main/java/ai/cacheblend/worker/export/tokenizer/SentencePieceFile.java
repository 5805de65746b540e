package ai.cacheblend.worker.export.tokenizer;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * A {@code tokenizer.model} of SentencePiece: a {@code ModelProto} of {@code
 * sentencepiece_model.proto}, of which other fields are skipped.
 *
 * @param modelType 1: unigram, 2: BPE
 * @param bosId the token that stands before a text; negative: none
 * @param plainText whether texts are split as they are, with spaces written as U+2581 at the
 *     beginning of words, and without a table of replaced characters
 * @param prefixesSpace whether a space is put before a text
 */
record SentencePieceFile(
    ImmutableList<Vocabulary.Token> tokens,
    int modelType,
    int bosId,
    boolean plainText,
    boolean prefixesSpace) {

  static final int BPE = 2;

  private static final int MAX_TOKENS = 1 << 21;

  /** Field numbers. */
  private static final class Field {
    static final int PIECES = 1;
    static final int TRAINER = 2;
    static final int NORMALIZER = 3;

    static final int PIECE_TEXT = 1;
    static final int PIECE_SCORE = 2;
    static final int PIECE_KIND = 3;

    static final int MODEL_TYPE = 3;
    static final int SPACE_AS_SUFFIX = 24;
    static final int BOS_ID = 41;

    static final int CHARACTER_MAP = 2;
    static final int PREFIXES_SPACE = 3;
    static final int REMOVES_SPACES = 4;
    static final int ESCAPES_SPACES = 5;

    private Field() {}
  }

  /** Values of absent fields are those of the schema. */
  private static final class Builder {
    final ImmutableList.Builder<Vocabulary.Token> tokens = ImmutableList.builder();
    int tokenCount;
    int modelType = 1;
    int bosId = 1;
    boolean spaceAsSuffix;
    boolean characterMap;
    boolean prefixesSpace = true;
    boolean removesSpaces = true;
    boolean escapesSpaces = true;
  }

  /** Reads one field of a message, of which the number is known. */
  private interface FieldReader {
    /** Whether the field was read; otherwise it is skipped. */
    boolean read(int number, CodedInputStream in) throws IOException;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it is no such message
   * @throws IllegalArgumentException if it has values that no such file has
   */
  static SentencePieceFile read(byte[] bytes) throws IOException {
    Builder to = new Builder();
    CodedInputStream input = CodedInputStream.newInstance(bytes);
    message(input, (number, in) -> model(number, in, to));
    input.checkLastTagWas(0);
    return new SentencePieceFile(
        to.tokens.build(),
        to.modelType,
        to.bosId,
        to.escapesSpaces && !to.spaceAsSuffix && !to.characterMap && !to.removesSpaces,
        to.prefixesSpace);
  }

  OptionalInt bos() {
    return bosId >= 0 && bosId < tokens.size() ? OptionalInt.of(bosId) : OptionalInt.empty();
  }

  private static boolean model(int number, CodedInputStream in, Builder to) throws IOException {
    switch (number) {
      case Field.PIECES -> to.tokens.add(piece(in, to));
      case Field.TRAINER -> nested(in, (field, from) -> trainer(field, from, to));
      case Field.NORMALIZER -> nested(in, (field, from) -> normalizer(field, from, to));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Vocabulary.Token piece(CodedInputStream in, Builder to) throws IOException {
    if (++to.tokenCount > MAX_TOKENS) {
      throw new IllegalArgumentException("it has more than " + MAX_TOKENS + " pieces");
    }
    Piece piece = new Piece();
    nested(
        in,
        (field, from) -> {
          switch (field) {
            case Field.PIECE_TEXT -> piece.text = from.readStringRequireUtf8();
            case Field.PIECE_SCORE -> piece.score = from.readFloat();
            case Field.PIECE_KIND -> piece.kind = from.readEnum();
            default -> {
              return false;
            }
          }
          return true;
        });
    return new Vocabulary.Token(piece.text, piece.score, Vocabulary.Kind.ofId(piece.kind));
  }

  private static final class Piece {
    String text = "";
    float score;
    int kind = 1;
  }

  private static boolean trainer(int number, CodedInputStream in, Builder to) throws IOException {
    switch (number) {
      case Field.MODEL_TYPE -> to.modelType = in.readEnum();
      case Field.SPACE_AS_SUFFIX -> to.spaceAsSuffix = in.readBool();
      case Field.BOS_ID -> to.bosId = in.readInt32();
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean normalizer(int number, CodedInputStream in, Builder to)
      throws IOException {
    switch (number) {
      case Field.CHARACTER_MAP -> to.characterMap = !in.readBytes().isEmpty();
      case Field.PREFIXES_SPACE -> to.prefixesSpace = in.readBool();
      case Field.REMOVES_SPACES -> to.removesSpaces = in.readBool();
      case Field.ESCAPES_SPACES -> to.escapesSpaces = in.readBool();
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void nested(CodedInputStream in, FieldReader reader) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    message(in, reader);
    in.checkLastTagWas(0);
    in.popLimit(limit);
  }

  private static void message(CodedInputStream in, FieldReader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!reader.read(WireFormat.getTagFieldNumber(tag), in) && !in.skipField(tag)) {
        return;
      }
    }
  }
}
