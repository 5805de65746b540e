package ai.cacheblend.worker.export.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.cacheblend.worker.export.ExportException;
import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads the header of a GGUF file from its beginning, and never behind the file's end. */
final class HeaderReader {

  private static final int BUFFER_BYTES = 1 << 16;

  private static final int MAX_NAME_BYTES = 1 << 9;

  /** Longer than any chat template. */
  private static final int MAX_STRING_BYTES = 1 << 24;

  private final Path file;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).flip();

  /** Bytes of the file before the end of the buffer. */
  private long buffered;

  HeaderReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
  }

  /** Bytes of the file that have been read. */
  long position() {
    return buffered - buffer.remaining();
  }

  /** Bytes from the position to the end of the file. */
  long remaining() {
    return size - position();
  }

  /** Size of the file. */
  long size() {
    return size;
  }

  byte int8() throws IOException {
    return next(1).get();
  }

  short int16() throws IOException {
    return next(2).getShort();
  }

  int int32() throws IOException {
    return next(4).getInt();
  }

  long int64() throws IOException {
    return next(8).getLong();
  }

  /**
   * A number of things that follow, each of at least {@code minBytes}.
   *
   * @param what names the things
   */
  int count(String what, int minBytes, int max) throws IOException {
    long count = int64();
    if (count < 0 || count > max || count > remaining() / minBytes) {
      throw bad(
          "is corrupt or truncated: %s %s at byte %d, %d bytes before its end",
          Long.toUnsignedString(count), what, position() - 8, remaining());
    }
    return (int) count;
  }

  /** The name of a key or a tensor; it can stand in a message. */
  String name() throws IOException {
    String name = string(MAX_NAME_BYTES);
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw bad("is corrupt: the name before byte %d has control characters", position());
    }
    return name;
  }

  String string() throws IOException {
    return string(MAX_STRING_BYTES);
  }

  private String string(int maxBytes) throws IOException {
    byte[] bytes = new byte[count("bytes of text", 1, maxBytes)];
    for (int done = 0; done < bytes.length; ) {
      int part = Math.min(bytes.length - done, BUFFER_BYTES);
      next(part).get(bytes, done, part);
      done += part;
    }
    return new String(bytes, UTF_8);
  }

  private ByteBuffer next(int count) throws IOException {
    if (remaining() < count) {
      throw bad("is truncated: it ends at byte %d, within its header", size);
    }
    while (buffer.remaining() < count) {
      buffer.compact();
      int read = channel.read(buffer, buffered);
      buffer.flip();
      if (read < 0) {
        throw bad("is truncated: it ended at byte %d while its header was read", buffered);
      }
      buffered += read;
    }
    return buffer;
  }

  @FormatMethod
  ExportException bad(String format, Object... arguments) {
    return new ExportException(file + " " + format.formatted(arguments));
  }
}
