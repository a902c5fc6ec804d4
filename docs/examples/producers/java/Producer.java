import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A sign-up and an order, by the plain Kafka client. Needs kafka-clients and jackson-databind on the class path:
 *
 *   java -cp 'libs/*' Producer.java localhost:9092 u-1 o-1
 *
 * TOPIC_PREFIX is for clusters that several environments share.
 */
public class Producer {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record UserCreated(String userId, String email, String name, String locale) {}

    record Item(String sku, int quantity, long unitPrice) {}
    record Contact(String email) {}
    record PaymentMethod(String token) {}

    /** Amounts are integers in minor units: 1999 is EUR 19.99. */
    record OrderCreated(String orderId, String customerId, long amount, String currency, List<Item> items,
            Contact contact, PaymentMethod paymentMethod) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        String brokers = args[0], userId = args[1], orderId = args[2];
        var user = new UserCreated(userId, userId + "@customer.example", "Ada", null);
        var order = new OrderCreated(orderId, userId, 1999, "EUR", List.of(new Item("book", 1, 1999)),
                new Contact(user.email()), new PaymentMethod("tok_ok"));

        var settings = new Properties();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        // The defaults since Kafka 3, said because everything rests on them: acknowledged means that every in-sync replica has it,
        // and what the client itself repeats is there once.
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);

        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            // Plain JSON, keyed by the business key: enough for what happens once to its subject. It is known by its key.
            var signUp = recordOf("user.created", user.userId(), user);
            var signedUp = producer.send(signUp);

            // A CloudEvent has an id of its own. Keep it with the business row: whoever sends again sends the same one.
            var placed = recordOf("order.created", order.orderId(), order);
            header(placed, "ce_specversion", "1.0");
            header(placed, "ce_id", UUID.nameUUIDFromBytes(orderId.getBytes(StandardCharsets.UTF_8)).toString());
            header(placed, "ce_type", "order.created");
            header(placed, "ce_source", "/shop/checkout");
            header(placed, "content-type", "application/json");
            header(placed, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            var accepted = producer.send(placed);

            // Without waiting, nobody would ever hear of a failure.
            System.out.println("user.created: offset " + signedUp.get().offset());
            System.out.println("order.created: offset " + accepted.get().offset());
        }
    }

    private static ProducerRecord<String, byte[]> recordOf(String type, String key, Object payload) throws Exception {
        String prefix = System.getenv().getOrDefault("TOPIC_PREFIX", "");
        return new ProducerRecord<>(prefix + type, key, JSON.writeValueAsBytes(payload));
    }

    private static void header(ProducerRecord<?, ?> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
