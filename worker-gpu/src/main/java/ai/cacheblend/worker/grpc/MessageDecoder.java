package ai.cacheblend.worker.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;

/** Decodes the requests of one method, within {@link #MAX_FIELDS}. */
final class MessageDecoder<Q> {
  /** More than the segments of a prompt, less than 10 MB of decoded objects. */
  static final int MAX_FIELDS = 65_536;

  private final Message prototype;
  private final Parser<? extends Message> parser;

  private MessageDecoder(Message prototype) {
    this.prototype = prototype;
    // Unknown fields would be kept, and a group of them is one field to the counter.
    this.parser = DiscardUnknownFieldsParser.wrap(prototype.getParserForType());
  }

  static <Q> MessageDecoder<Q> of(MethodDescriptor<Q, ?> method) {
    var marshaller = (MethodDescriptor.PrototypeMarshaller<Q>) method.getRequestMarshaller();
    return new MessageDecoder<>((Message) marshaller.getMessagePrototype());
  }

  Q decode(byte[] bytes) throws StatusException {
    try {
      if (!FieldCounter.isWithin(MAX_FIELDS, bytes, prototype.getDescriptorForType())) {
        throw invalid("has more than %d fields; send fewer, or several requests", MAX_FIELDS);
      }
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      // The array is not shared, so byte fields need no copy.
      in.enableAliasing(true);
      @SuppressWarnings("unchecked") // The parser is that of the prototype.
      Q message = (Q) parser.parseFrom(in);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw invalid("cannot be decoded as protobuf: %s", firstLine(e));
    }
  }

  private StatusException invalid(String format, Object argument) {
    return Status.INVALID_ARGUMENT
        .withDescription(
            "the "
                + prototype.getDescriptorForType().getName()
                + " "
                + String.format(format, argument))
        .asException();
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no detail");
  }
}
