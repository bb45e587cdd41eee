"""The settings of django-cors-headers, read by corsac."""

DEBUG = False
SECRET_KEY = "an example has no secrets"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "orders.urls"
WSGI_APPLICATION = "orders.wsgi.application"
USE_TZ = True

INSTALLED_APPS = ["corsac.django"]
MIDDLEWARE = [
    "corsac.django.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
]

CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]
CORS_ALLOWED_ORIGIN_REGEXES = [r"https://[a-z0-9-]+\.shop\.example\.com"]
CORS_ALLOW_METHODS = ["GET", "POST", "DELETE"]
CORS_ALLOW_HEADERS = ["content-type", "x-csrftoken"]
CORS_ALLOW_CREDENTIALS = True
CORS_PREFLIGHT_MAX_AGE = 600
CORS_URLS_REGEX = "/orders/"
