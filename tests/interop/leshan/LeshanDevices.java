// SPDX-License-Identifier: Apache-2.0
// Devices on Eclipse Leshan's client library that tests drive: commands on stdin, one JSON object a line on stdout.
//
//   java -cp 'JARS/*' LeshanDevices.java DEFINITIONS.xml
//
//   start EP URI LIFETIME [KEYS] registers a device with objects 1, 3 and 3442; KEYS for coaps, all in hexadecimal:
//                                psk IDENTITY KEY | rpk PUBLIC PRIVATE SERVER | x509 CERTIFICATE PRIVATE SERVER
//   bootstrap EP URI [psk IDENTITY KEY]
//                                the same, with nothing but the account of a bootstrap server
//   set EP PATH TYPE VALUE       gives a resource of object 3442 a value; observers are told
//   update EP                    sends an Update
//   stop EP                      deregisters
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.leshan.client.californium.LeshanClient;
import org.eclipse.leshan.client.californium.LeshanClientBuilder;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.BaseInstanceEnablerFactory;
import org.eclipse.leshan.client.resource.LwM2mInstanceEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.servers.ServerIdentity;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.UpdateRequest;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;

public class LeshanDevices {
    static final int SHORT_SERVER_ID = 123;
    static final int TEST_OBJECT = 3442;
    /** Of a device that is given its server by a bootstrap server. */
    static final long NO_LIFETIME = 0;

    final List<ObjectModel> models = ObjectLoader.loadDefault();
    final Map<String, Device> devices = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        LeshanDevices program = new LeshanDevices();
        File definitions = new File(arguments[0]);
        try (FileInputStream stream = new FileInputStream(definitions)) {
            program.models.addAll(ObjectLoader.loadDdfFile(stream, definitions.getName()));
        }
        say("ready", "", "", "");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            try {
                program.obey(line.split(" ", 5));
            } catch (RuntimeException error) {
                say("failed", "", "", line + ": " + error);
            }
        }
        program.devices.values().forEach(device -> device.client.destroy(false));
        System.exit(0);
    }

    void obey(String[] words) {
        String endpoint = words[1];
        switch (words[0]) {
            case "start":
                devices.put(endpoint, new Device(endpoint, securityOf(words), Long.parseLong(words[3])));
                break;
            case "bootstrap":
                devices.put(endpoint, new Device(endpoint, bootstrapOf(words), NO_LIFETIME));
                break;
            case "set":
                String[] ids = words[2].substring(1).split("/");
                devices.get(endpoint).test.get(Integer.parseInt(ids[1])).set(
                        Integer.parseInt(ids[2]), Type.valueOf(words[3]), words[4]);
                say("set", endpoint, words[2], words[4]);
                break;
            case "update":
                devices.get(endpoint).client.triggerRegistrationUpdate();
                break;
            case "stop":
                devices.remove(endpoint).client.destroy(true);
                break;
            default:
                throw new IllegalArgumentException("no such command");
        }
    }

    static Security securityOf(String[] words) {
        String uri = words[2];
        if (words.length < 5) {
            return Security.noSec(uri, SHORT_SERVER_ID);
        }
        String[] keys = words[4].split(" ");
        byte[] first = bytesOf(keys[1]);
        byte[] second = bytesOf(keys[2]);
        switch (keys[0]) {
            case "psk":
                return Security.psk(uri, SHORT_SERVER_ID, first, second);
            case "rpk":
                return Security.rpk(uri, SHORT_SERVER_ID, first, second, bytesOf(keys[3]));
            case "x509":
                return Security.x509(uri, SHORT_SERVER_ID, first, second, bytesOf(keys[3]));
            default:
                throw new IllegalArgumentException("no such mode");
        }
    }

    static Security bootstrapOf(String[] words) {
        if (words.length < 4) {
            return Security.noSecBootstap(words[2]);
        }
        String[] keys = words[4].split(" ");
        return Security.pskBootstrap(words[2], bytesOf(keys[0]), bytesOf(keys[1]));
    }

    static byte[] bytesOf(String digits) {
        byte[] bytes = new byte[digits.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    /** A client of Leshan, with what it does told as events. */
    class Device extends LwM2mClientObserverAdapter {
        final String endpoint;
        final LeshanClient client;
        final Map<Integer, Instance> test = new ConcurrentHashMap<>();

        Device(String endpoint, Security security, long lifetime) {
            this.endpoint = endpoint;
            ObjectsInitializer objects = new ObjectsInitializer(new StaticModel(models));
            objects.setInstancesForObject(0, security);
            if (lifetime == NO_LIFETIME) {
                objects.setClassForObject(1, Server.class);
            } else {
                objects.setInstancesForObject(1, new Server(SHORT_SERVER_ID, lifetime, BindingMode.U, false));
            }
            BaseInstanceEnablerFactory empty = new BaseInstanceEnablerFactory() {
                @Override
                public LwM2mInstanceEnabler create() {
                    return new Instance(Device.this, new TreeMap<>());
                }
            };
            objects.setFactoryForObject(3, empty);
            objects.setInstancesForObject(3, new Instance(this, deviceValues()));
            objects.setFactoryForObject(TEST_OBJECT, empty);
            objects.setInstancesForObject(TEST_OBJECT, new Instance(this, testValues()));
            LeshanClientBuilder builder = new LeshanClientBuilder(endpoint);
            builder.setLocalAddress("127.0.0.1", 0);
            builder.setObjects(objects.createAll());
            client = builder.build();
            client.addObserver(this);
            client.start();
        }

        @Override
        public void onBootstrapSuccess(ServerIdentity server, BootstrapRequest request) {
            say("bootstrapped", endpoint, "", "");
        }

        @Override
        public void onBootstrapFailure(ServerIdentity server, BootstrapRequest request, ResponseCode code,
                String message, Exception cause) {
            say("bootstrap-failed", endpoint, "", code + " " + message);
        }

        @Override
        public void onRegistrationSuccess(ServerIdentity server, RegisterRequest request, String registration) {
            say("registered", endpoint, "", registration);
        }

        @Override
        public void onRegistrationFailure(ServerIdentity server, RegisterRequest request, ResponseCode code,
                String message, Exception cause) {
            say("registration-failed", endpoint, "", code + " " + message);
        }

        @Override
        public void onUpdateSuccess(ServerIdentity server, UpdateRequest request) {
            say("updated", endpoint, "", "");
        }

        @Override
        public void onDeregistrationSuccess(ServerIdentity server, DeregisterRequest request) {
            say("deregistered", endpoint, "", "");
        }
    }

    static Map<Integer, LwM2mResource> deviceValues() {
        Map<Integer, LwM2mResource> values = new TreeMap<>();
        add(values, LwM2mSingleResource.newStringResource(0, "Leshan"));
        add(values, LwM2mSingleResource.newIntegerResource(9, 87));
        Map<Integer, Long> errors = new HashMap<>();
        errors.put(0, 0L);
        add(values, LwM2mMultipleResource.newIntegerResource(11, errors));
        add(values, LwM2mSingleResource.newStringResource(14, "+01"));
        add(values, LwM2mSingleResource.newStringResource(16, "U"));
        return values;
    }

    static Map<Integer, LwM2mResource> testValues() {
        Map<Integer, LwM2mResource> values = new TreeMap<>();
        add(values, LwM2mSingleResource.newStringResource(110, "gr\u00fc\u00df dich"));
        add(values, LwM2mSingleResource.newIntegerResource(120, -5_000_000_000L));
        add(values, LwM2mSingleResource.newFloatResource(130, -0.1));
        add(values, LwM2mSingleResource.newBooleanResource(140, true));
        add(values, LwM2mSingleResource.newBinaryResource(150, new byte[] {0, 1, (byte) 0xff}));
        add(values, LwM2mSingleResource.newDateResource(160, new Date(1_367_491_215_000L)));
        add(values, LwM2mSingleResource.newObjectLinkResource(170, new ObjectLink(3, 0)));
        Map<Integer, Long> numbers = new HashMap<>();
        numbers.put(0, 1L);
        numbers.put(7, 300L);
        add(values, LwM2mMultipleResource.newIntegerResource(1120, numbers));
        return values;
    }

    static void add(Map<Integer, LwM2mResource> values, LwM2mResource resource) {
        values.put(resource.getId(), resource);
    }

    /** An instance that stores what is written, as far as its definition lets it be written. */
    static class Instance extends BaseInstanceEnabler {
        final Device device;
        final Map<Integer, LwM2mResource> values;

        Instance(Device device, Map<Integer, LwM2mResource> values) {
            this.device = device;
            this.values = new ConcurrentHashMap<>(values);
        }

        @Override
        public void setId(int id) {
            super.setId(id);
            show();
        }

        @Override
        public void setModel(ObjectModel model) {
            super.setModel(model);
            show();
        }

        private void show() {
            if (getModel() != null && getModel().id == TEST_OBJECT && getId() != null) {
                device.test.put(getId(), this);
            }
        }

        void set(int resource, Type type, String text) {
            values.put(resource, LwM2mSingleResource.newResource(resource, valueOf(type, text), type));
            fireResourcesChange(resource);
        }

        String path(int resource) {
            return "/" + getModel().id + "/" + getId() + "/" + resource;
        }

        @Override
        public ReadResponse read(ServerIdentity server, int resource) {
            LwM2mResource value = values.get(resource);
            return value == null ? ReadResponse.notFound() : ReadResponse.success(value);
        }

        @Override
        public WriteResponse write(ServerIdentity server, int resource, LwM2mResource value) {
            values.put(resource, value);
            say("write", device.endpoint, path(resource), value.isMultiInstances()
                    ? new TreeMap<>(value.getValues()).toString() : textOf(value.getValue()));
            fireResourcesChange(resource);
            return WriteResponse.success();
        }

        @Override
        public ExecuteResponse execute(ServerIdentity server, int resource, String arguments) {
            say("execute", device.endpoint, path(resource), arguments == null ? "" : arguments);
            return ExecuteResponse.success();
        }

        @Override
        public void onDelete(ServerIdentity server) {
            say("delete", device.endpoint, "/" + getModel().id + "/" + getId(), "");
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            TreeMap<Integer, Boolean> available = new TreeMap<>();
            for (ResourceModel resource : model.resources.values()) {
                if (values.containsKey(resource.id) || resource.operations.isExecutable()) {
                    available.put(resource.id, true);
                }
            }
            return new java.util.ArrayList<>(available.keySet());
        }
    }

    static Object valueOf(Type type, String text) {
        switch (type) {
            case INTEGER:
                return Long.valueOf(text);
            case FLOAT:
                return Double.valueOf(text);
            case BOOLEAN:
                return Boolean.valueOf(text);
            case OPAQUE:
                return Base64.getDecoder().decode(text);
            default:
                return text;
        }
    }

    static String textOf(Object value) {
        if (value instanceof byte[]) {
            return Base64.getEncoder().encodeToString((byte[]) value);
        }
        if (value instanceof Date) {
            return String.valueOf(((Date) value).getTime() / 1000);
        }
        if (value instanceof ObjectLink) {
            return ((ObjectLink) value).getObjectId() + ":" + ((ObjectLink) value).getObjectInstanceId();
        }
        return String.valueOf(value);
    }

    static synchronized void say(String event, String endpoint, String path, String value) {
        byte[] line = String.format("{\"event\":%s,\"endpoint\":%s,\"path\":%s,\"value\":%s}\n", quoted(event),
                quoted(endpoint), quoted(path), quoted(value)).getBytes(StandardCharsets.UTF_8);
        System.out.write(line, 0, line.length);
        System.out.flush();
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') {
                out.append('\\').append(letter);
            } else if (letter < ' ') {
                out.append(String.format("\\u%04x", (int) letter));
            } else {
                out.append(letter);
            }
        }
        return out.append('"').toString();
    }
}
