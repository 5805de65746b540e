package ai.cacheblend.worker.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Counts the fields of an encoded message without decoding it. A field of two bytes can become an
 * object of a hundred, so the size of a message does not bound the memory that it takes decoded.
 */
final class FieldCounter {
  private final CodedInputStream in;
  private final int limit;
  private long count;

  private FieldCounter(CodedInputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /**
   * Whether the message has at most {@code limit} fields, including those of its parts and each
   * element of a packed field.
   *
   * @throws InvalidProtocolBufferException if the bytes are not a message
   */
  static boolean isWithin(int limit, byte[] bytes, Descriptor type)
      throws InvalidProtocolBufferException {
    try {
      return new FieldCounter(CodedInputStream.newInstance(bytes), limit).count(type);
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  private boolean count(Descriptor type) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      count++;
      if (count > limit || !field(tag, type)) {
        return false;
      }
    }
    return true;
  }

  private boolean field(int tag, Descriptor type) throws IOException {
    FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
    boolean delimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    if (field == null || !delimited) {
      if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("a group ends that has not begun");
      }
      return true;
    }
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      int outer = in.pushLimit(in.readRawVarint32());
      boolean within = count(field.getMessageType());
      in.popLimit(outer);
      return within;
    }
    int byteCount = in.readRawVarint32();
    if (field.isPackable()) {
      count += byteCount;
    }
    in.skipRawBytes(byteCount);
    return count <= limit;
  }
}
